/**
 * Where a role's workloads come from: the request, the company's or our catalogue, the configured service, our default
 * role (`fallback`), or our catalogue because the service could not say (`provider_fallback`). A closed list, like the
 * warnings.
 */
export const workloadSources = ["request", "catalogue", "provider", "provider_fallback", "fallback"] as const;
export type WorkloadSource = (typeof workloadSources)[number];
