import { call } from "../api.ts";
import { makePerson, makeSession, type Person } from "../factories.ts";
import { smallSimulation } from "../simulations.ts";
import { begin, s3Path, upload } from "../uploads.ts";

/** Values for the parameters of one path template, or for the query that a path must have. */
export interface PathResource {
  /** Makes a thing that `owner`'s company has, and says how the path or the query names it. */
  make(owner: Person): Promise<Record<string, string>>;
  /** Names of the right form for a thing that nobody has. */
  unknown(): Record<string, string>;
}

async function makeSimulation(owner: Person, waitSeconds = 0): Promise<Record<string, string>> {
  const headers = waitSeconds === 0 ? {} : { Prefer: `wait=${waitSeconds}` };
  const { status, body, text } = await call("/api/etter/simulation/v1", { body: smallSimulation, as: owner, headers });
  if (status !== (waitSeconds === 0 ? 202 : 200)) throw new Error(`could not start a simulation: ${text}`);
  return { id: body.id as string };
}

async function makeSweep(owner: Person): Promise<Record<string, string>> {
  const { automation_factor: _, ...rest } = smallSimulation;
  const body = { ...rest, automation_factors: [0, 1] };
  const { status, body: made, text } = await call("/api/etter/simulation/v1/sweeps", { body, as: owner });
  if (status !== 202) throw new Error(`could not start a sweep: ${text}`);
  return { id: made.id as string };
}

async function makeRole(owner: Person): Promise<Record<string, string>> {
  const role = `Keeper of ${crypto.randomUUID()}`;
  const workloads = [{ Name: "Keep", Type: "Auto", Skill: 0.5, Time: 1 }];
  const { status, text } = await call(`/api/etter/simulation/v1/roles/${role}`, {
    method: "PUT",
    body: { workloads },
    as: owner,
  });
  if (status !== 201) throw new Error(`could not describe a role: ${text}`);
  return { role };
}

async function makeTwoSimulations(owner: Person): Promise<Record<string, string>> {
  const [one, other] = [await makeSimulation(owner), await makeSimulation(owner)];
  return { ids: `${one["id"]},${other["id"]}` };
}

const company: PathResource = {
  make: async ({ companyId }) => ({ id: companyId }),
  unknown: () => ({ id: crypto.randomUUID() }),
};
/** Ten bytes, one part, nothing sent yet. */
async function makeUpload(owner: Person): Promise<Record<string, string>> {
  const { status, body, text } = await begin(owner, 10);
  if (status !== 201) throw new Error(`could not begin an upload: ${text}`);
  return { session_id: body.session_id as string };
}

async function makeContent(owner: Person): Promise<Record<string, string>> {
  const { id } = await upload(owner);
  const { body } = await call(`${s3Path}/documents/${id}/download`, { method: "POST", as: owner });
  return { token: (body.url as string).split("/").at(-1)! };
}

async function makeUppyUpload(owner: Person): Promise<Record<string, string>> {
  const { body: address } = await call(`${s3Path}/uppy`, { method: "POST", as: owner });
  const token = (address.url as string).split("/").at(-1)!;
  const file = { filename: "a.pdf", type: "application/pdf", metadata: { size: 10 } };
  const { status, body, text } = await call(`${s3Path}/uppy/${token}/s3/multipart`, { body: file });
  if (status !== 200) throw new Error(`could not begin an upload of Uppy's: ${text}`);
  return { token, upload_id: body.uploadId as string, key: body.key as string, part_number: "1" };
}

const uppy: PathResource = {
  make: makeUppyUpload,
  unknown: () => ({
    token: `${crypto.randomUUID()}.x`,
    upload_id: crypto.randomUUID(),
    key: crypto.randomUUID(),
    part_number: "1",
  }),
};
const uploadSession: PathResource = { make: makeUpload, unknown: () => ({ session_id: crypto.randomUUID() }) };
const part: PathResource = {
  make: async (owner) => ({ ...(await makeUpload(owner)), part_number: "1" }),
  unknown: () => ({ session_id: crypto.randomUUID(), part_number: "1" }),
};
const document: PathResource = {
  make: async (owner) => ({ id: (await upload(owner)).id }),
  unknown: () => ({ id: crypto.randomUUID() }),
};
const scannedDocument: PathResource = {
  make: async (owner) => ({ document_id: (await upload(owner)).id }),
  unknown: () => ({ document_id: crypto.randomUUID() }),
};
const content: PathResource = { make: makeContent, unknown: () => ({ token: `${crypto.randomUUID()}.x` }) };
const role: PathResource = { make: makeRole, unknown: () => ({ role: `Keeper of ${crypto.randomUUID()}` }) };
const unknownSimulation = () => ({ id: `sim-${crypto.randomUUID()}` });
const simulation: PathResource = { make: (owner) => makeSimulation(owner), unknown: unknownSimulation };
const finishedSimulation: PathResource = { make: (owner) => makeSimulation(owner, 20), unknown: unknownSimulation };
const sweep: PathResource = { make: makeSweep, unknown: () => ({ id: crypto.randomUUID() }) };

const session: PathResource = {
  make: async (owner) => ({ id: (await makeSession(owner)).sessionId }),
  unknown: () => ({ id: crypto.randomUUID() }),
};

const simulations: PathResource = {
  make: makeTwoSimulations,
  unknown: () => ({ ids: `sim-${crypto.randomUUID()},sim-${crypto.randomUUID()}` }),
};

/** A colleague, of the one group that the platform company takes or of a tenant's; `verified`: has accepted the invitation. */
const somebody = (verified: boolean): PathResource => ({
  make: async ({ companyId, group }) => {
    const { userId } = await makePerson({
      companyId,
      group: group === "Super Admin" ? group : "Reviewer",
      verified,
    });
    return { id: userId };
  },
  unknown: () => ({ id: crypto.randomUUID() }),
});
async function makeFolder(owner: Person): Promise<Record<string, string>> {
  const path = `/of ${crypto.randomUUID()}`;
  const { status, text } = await call(`${s3Path}/folders`, { body: { path }, as: owner });
  if (status !== 201) throw new Error(`could not make a folder: ${text}`);
  return { path };
}

async function makeFolderDeletion(owner: Person): Promise<Record<string, string>> {
  const { path } = await makeFolder(owner);
  const query = new URLSearchParams({ path: path ?? "", recursive: "true" });
  const { status, body, text } = await call(`${s3Path}/folders?${query.toString()}`, { method: "DELETE", as: owner });
  if (status !== 200) throw new Error(`could not delete a folder: ${text}`);
  return { id: body.id as string };
}

const folder: PathResource = { make: makeFolder, unknown: () => ({ path: `/of ${crypto.randomUUID()}` }) };
const folderDeletion: PathResource = { make: makeFolderDeletion, unknown: () => ({ id: crypto.randomUUID() }) };

/** How to make a resource for every path that has a parameter or a query that must be there. A path that is missing here fails the attack suite. */
export const pathResources: Readonly<Record<string, PathResource>> = {
  "/api/etter/companies/{id}": company,
  "/api/etter/auth/sessions/{id}": session,
  "/api/etter/simulation/v1/compare": simulations,
  "/api/etter/s3/content/{token}": content,
  "/api/etter/s3/scans/{document_id}": scannedDocument,
  "/api/etter/s3/documents/{id}": document,
  "/api/etter/s3/documents/{id}/approve": document,
  "/api/etter/s3/documents/{id}/audit": document,
  "/api/etter/s3/documents/{id}/download": document,
  "/api/etter/s3/documents/{id}/legal-hold": document,
  "/api/etter/s3/documents/{id}/quarantine": document,
  "/api/etter/s3/uppy/{token}/s3/multipart": uppy,
  "/api/etter/s3/uppy/{token}/s3/multipart/{upload_id}": uppy,
  "/api/etter/s3/uppy/{token}/s3/multipart/{upload_id}/complete": uppy,
  "/api/etter/s3/uppy/{token}/s3/multipart/{upload_id}/{part_number}": uppy,
  "/api/etter/s3/folder-deletions/{id}": folderDeletion,
  "/api/etter/s3/folders": folder,
  "/api/etter/s3/uploads/{session_id}": uploadSession,
  "/api/etter/s3/uploads/{session_id}/complete": uploadSession,
  "/api/etter/s3/uploads/{session_id}/parts/sign": uploadSession,
  "/api/etter/s3/uploads/{session_id}/parts/{part_number}": part,
  "/api/etter/users/{id}": somebody(true),
  "/api/etter/users/{id}/invitation": somebody(false),
  "/api/etter/users/{id}/sessions/revoke": somebody(true),
  "/api/etter/simulation/v1/roles/{role}": role,
  "/api/etter/simulation/v1/sweeps/{id}": sweep,
  "/api/etter/simulation/v1/sweeps/{id}/events": sweep,
  "/api/etter/simulation/v1/{id}": simulation,
  "/api/etter/simulation/v1/{id}/cancel": simulation,
  "/api/etter/simulation/v1/{id}/events": simulation,
  "/api/etter/simulation/v1/{id}/paths": simulation,
  "/api/etter/simulation/v1/{id}/results.csv": finishedSimulation,
};
