export { createMailComposer } from "./composer.ts";
export { createMailDelivery, type DeliveryReport, type MailDelivery } from "./delivery.ts";
export type { MailBacklog, MailTransport, Outbox } from "./ports.ts";
