import type { Random } from "../../shared/clock.ts";
import type { MailComposer, MailSealer } from "../../shared/mail.ts";

/** Tells `onComposed` the id of each mail, so that whoever answers the request can have them sent right afterwards. */
export function createMailComposer(
  { sealer, random }: { sealer: MailSealer; random: Random },
  onComposed: (mailId: string) => void,
): MailComposer {
  return {
    async compose(draft, token) {
      const id = random.uuid();
      const sealedToken = token === undefined ? null : await sealer.seal(token, id);
      onComposed(id);
      return { ...draft, id, sealedToken };
    },
  };
}
