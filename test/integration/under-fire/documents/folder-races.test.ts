import { describe, expect, it } from "vitest";
import { call } from "../../../support/workerd/api.ts";
import { makePerson, type Person } from "../../../support/workerd/factories.ts";
import { begin, pdf, s3Path, upload } from "../../../support/workerd/uploads.ts";

const into = (as: Person, folder: string) => upload(as, pdf(), { more: { folder_path: folder } });
const remove = (as: Person, folder: string) =>
  call(`${s3Path}/folders?${new URLSearchParams({ path: folder, recursive: "true" }).toString()}`, {
    method: "DELETE",
    as,
  });
const hold = async (as: Person, id: string) => {
  const admin = await makePerson({ group: "Admin", companyId: as.companyId });
  return call(`${s3Path}/documents/${id}/legal-hold`, { method: "PUT", as: admin, body: { reason: "case" } });
};
/**
 * The first two rounds one after the other, this way and that, so that either outcome is seen for sure; the others at once.
 * Answers come in the order of `contest`.
 */
async function contend<T>(round: number, contest: readonly (() => Promise<T>)[]): Promise<T[]> {
  const order = round % 2 === 0 ? contest : contest.toReversed();
  const answers: T[] = [];
  if (round < 2) for (const go of order) answers.push(await go());
  else answers.push(...(await Promise.all(order.map((go) => go()))));
  return round % 2 === 0 ? answers : answers.toReversed();
}

describe("deleting a folder", () => {
  it(
    "against uploads into it and moves out of it leaves each document in exactly one place, twenty times",
    { timeout: 120_000 },
    async () => {
      const as = await makePerson();
      const outcomes = new Set<number>();
      for (let round = 0; round < 20; round += 1) {
        const folder = `/race ${round}`;
        const [mover, renamed] = [await into(as, folder), await into(as, `${folder}/below`)];
        const patch = (id: string, body: object) => call(`${s3Path}/documents/${id}`, { method: "PATCH", as, body });
        const answers = await contend(round, [
          () => remove(as, folder),
          () => begin(as, 10, { more: { folder_path: `${folder}/new` } }),
          () => patch(mover.id, { folder_path: "/safe" }),
          () => patch(renamed.id, { original_filename: "other.pdf" }),
        ]);
        const [removed, begun, moved, patched] = answers;
        outcomes.add(moved!.status);
        expect(removed!.status, removed!.text).toBe(200);
        // Begun before it closed, and taken along; or refused; or begun when it was gone, in a folder of the same name.
        expect([201, 409]).toContain(begun!.status);
        expect([200, 404]).toContain(moved!.status);
        expect([200, 404]).toContain(patched!.status);
        const status = async (id: string) => (await call(`${s3Path}/documents/${id}`, { as })).status;
        expect(await status(mover.id)).toBe(moved!.status);
        expect(await status(renamed.id)).toBe(404);
        const takenIds = removed!.body.items.map((item: { document_id: string }) => item.document_id);
        expect(takenIds.includes(mover.id)).toBe(moved!.status === 404);
        if (begun!.status === 201)
          expect(await status(begun!.body.document_id)).toBe(takenIds.includes(begun!.body.document_id) ? 404 : 200);
      }
      expect(outcomes).toEqual(new Set([200, 404]));
    },
  );

  it("against a legal hold never deletes what was held, thirty times", { timeout: 90_000 }, async () => {
    const as = await makePerson();
    const outcomes = new Set<number>();
    for (let round = 0; round < 30; round += 1) {
      const { id } = await into(as, `/held ${round}`);
      const [removed, held] = await contend(round, [() => remove(as, `/held ${round}`), () => hold(as, id)]);
      outcomes.add(held!.status);
      const outcome = [held!.status, removed!.body.status, (await call(`${s3Path}/documents/${id}`, { as })).status];
      expect(outcome).toEqual(held!.status === 200 ? [200, "incomplete", 200] : [404, "completed", 404]);
    }
    expect(outcomes).toEqual(new Set([200, 404]));
  });
});
