import { hostileBodies } from "./bodies.ts";
import { jsonBodySchema, operationsOf, type OpenApiDocument, type Operation } from "./document.ts";
import { canary, hostileStrings } from "./hostile-values.ts";
import { smallest, smallestBody } from "./samples.ts";
import type { SeededRandom } from "./seeded-random.ts";

export interface HostileRequest {
  readonly label: string;
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly raw?: BodyInit;
  /** The one right status, where there is one. */
  readonly expected?: number;
  /** Statuses that are right here although the document lists them for no operation. */
  readonly also?: readonly number[];
}

export interface Subject {
  readonly document: OpenApiDocument;
  readonly operation: Operation;
  /** Values for the template of the path and the query that must be there. */
  readonly pathParameters: Readonly<Record<string, string>>;
  /** Headers that let a good request through. */
  readonly credentials: Readonly<Record<string, string>>;
}

const json = { "Content-Type": "application/json" } as const;
const methods = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;
/** Larger than any operation takes. */
const hugeBytes = 5 * 1024 * 1024;
const maxBodies = 90;
const longValue = 16_000;

/** Everything this operation is tried with; hostile bodies are drawn, the rest is always the same. */
export function hostileRequests(subject: Subject, random: SeededRandom): HostileRequest[] {
  return [
    ...protocolRequests(subject),
    ...bodyRequests(subject, random),
    ...queryRequests(subject),
    ...pathRequests(subject),
    ...headerRequests(subject),
    ...methodRequests(subject),
  ];
}

const barePath = ({ path }: Operation, values: Readonly<Record<string, string>>): string =>
  path.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? `{${name}}`);

/** The path of an operation with its parameters, and with the query that must be there or that `values` name: of `values`, else its example. */
export function filledPath(
  document: OpenApiDocument,
  operation: Operation,
  values: Readonly<Record<string, string>>,
): string {
  const query = operation.parameters
    .filter((parameter) => parameter.in === "query" && (parameter.required === true || parameter.name in values))
    .map(
      ({ name, schema, example }) =>
        `${name}=${encodeURIComponent(String(values[name] ?? example ?? smallest(document, schema)))}`,
    );
  return barePath(operation, values) + (query.length === 0 ? "" : `?${query.join("&")}`);
}

/** A request that is good in every respect but those that `change` names. */
function request(subject: Subject, label: string, change: Partial<HostileRequest> = {}): HostileRequest {
  const { document, operation, pathParameters, credentials } = subject;
  const body = smallestBody(document, operation);
  return {
    label,
    method: operation.method,
    path: filledPath(document, operation, pathParameters),
    ...(body === undefined ? {} : { raw: JSON.stringify(body) }),
    ...change,
    headers: { ...(body === undefined ? {} : json), ...credentials, ...change.headers },
  };
}

function protocolRequests(subject: Subject): HostileRequest[] {
  const good = smallestBody(subject.document, subject.operation);
  if (good === undefined) return [];
  const text = JSON.stringify(good);
  const as = (label: string, raw: BodyInit, expected: number): HostileRequest =>
    request(subject, label, { raw, expected });
  const ofType = (type: string, expected?: number): HostileRequest =>
    request(subject, `content type ${type}`, {
      headers: { "Content-Type": type },
      ...(expected === undefined ? {} : { expected }),
    });
  const malformed = [
    // An optional body of no bytes is none.
    ...(subject.operation.requestBody?.required === true ? [""] : []),
    " ",
    "{",
    text.slice(0, -1),
    `${text} x`,
    `${text}${text}`,
    "nul",
    "NaN",
    "undefined",
    "{'a':1}",
    `{"a":1,}`,
    `{"a":01}`,
    "\0",
    "[".repeat(20_000),
    `{"a":"\u0001"}`,
  ];
  return [
    ...malformed.map((raw) => as(`malformed ${JSON.stringify(raw.slice(0, 12))}`, raw, 400)),
    ...["null", "true", "0", '"text"', "[]", `[${text}]`, "[".repeat(20_000) + "]".repeat(20_000)].map((raw) =>
      as(`no object ${raw.slice(0, 12)}`, raw, 422),
    ),
    as("bytes that are no UTF-8", new Uint8Array([0xff, 0xfe, 0x7b, 0x7d]), 400),
    as("more bytes than any operation takes", " ".repeat(hugeBytes), 413),
    request(subject, "duplicate keys", {
      raw: text.replace(/^\{(?=(.))/, (_, next) => `{"not_a_field":1,"not_a_field":2${next === "}" ? "" : ","}`),
      expected: 422,
    }),
    ...[
      "text/plain",
      "application/x-www-form-urlencoded",
      "multipart/form-data; boundary=x",
      "application/xml",
      "application/jsonp",
      "text/json",
      "application/octet-stream",
      "json",
      ",",
      "application/json, text/plain",
    ].map((type) => ofType(type, 415)),
    ...[
      "application/json; charset=utf-16",
      'application/json;charset="utf-8"',
      "APPLICATION/JSON",
      "application/json;;;",
      "application/json ;q=1",
    ].map((type) => ofType(type)),
  ];
}

function bodyRequests(subject: Subject, random: SeededRandom): HostileRequest[] {
  const schema = jsonBodySchema(subject.operation);
  if (schema === undefined) return [];
  const bodies = hostileBodies(subject.document, schema);
  const drawn = random.shuffled(bodies.filter(({ unstorable }) => !unstorable)).slice(0, maxBodies);
  return [...bodies.filter(({ unstorable }) => unstorable), ...drawn].map(({ label, text }) =>
    request(subject, label, { raw: text, also: [413] }),
  );
}

const queryTexts = [
  "?",
  "?a",
  "?=",
  "?&&&=",
  "?a=1&a=2",
  "?%",
  "?%00=%00",
  "?%ff=%fe",
  "?__proto__=1&constructor=2",
  "?a[b][c]=d",
  `?not_a_parameter=${canary}`,
  `?x=${"y".repeat(longValue)}`,
  `?${"a=1&".repeat(3_000)}`,
];

/** Cursors that are well-formed: of the first and last moments that there are, in JavaScript and in Postgres. */
const extremeCursors = [0, 253_402_300_799_999, 253_402_300_800_000, 8_640_000_000_000_000, 999_999_999_999_999].map(
  (milliseconds) => btoa(`${milliseconds}.00000000-0000-4000-8000-000000000001`).replace(/=+$/, ""),
);

const extremeMoments = ["0000-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-01:00"];

function queryRequests(subject: Subject): HostileRequest[] {
  const path = barePath(subject.operation, subject.pathParameters);
  const declared = subject.operation.parameters.filter((parameter) => parameter.in === "query");
  const values = declared.flatMap(({ name }) =>
    hostileStrings.map((value) => `?${name}=${encodeURIComponent(value.toWellFormed())}`),
  );
  const cursors = declared.some(({ name }) => name === "cursor") ? extremeCursors : [];
  const moments = declared
    .filter(({ schema }) => schema.format === "date-time")
    .flatMap(({ name }) => extremeMoments.map((value) => `?${name}=${encodeURIComponent(value)}`));
  const twice = declared.map(({ name }) => `?${name}=1&${name}=2`);
  return [...queryTexts, ...values, ...cursors.map((value) => `?cursor=${value}`), ...moments, ...twice].map(
    (query) => ({
      ...request(subject, `query ${query.slice(0, 30)}`, { path: `${path}${query}` }),
      // A good body would do its work each time; what is tried here is the query.
      ...(subject.operation.method === "GET" ? {} : { raw: "{}" }),
    }),
  );
}

const pathValues = [
  "%00",
  "%0a",
  "%2f",
  "%5c",
  "%20",
  "%ed%a0%80",
  "%ff%fe",
  "%",
  "%zz",
  "__proto__",
  "constructor",
  "null",
  "-1",
  "'%20OR%201=1--",
  "*",
  ":id",
  "%F0%9F%94%91",
  "a".repeat(5_000),
  "..%2f..%2fetc%2fpasswd",
];

function pathRequests(subject: Subject): HostileRequest[] {
  const { operation, pathParameters } = subject;
  return operation.parameters
    .filter((parameter) => parameter.in === "path")
    .flatMap(({ name }) => {
      const good = pathParameters[name] ?? "";
      const near = [
        `${good}%0a`,
        `${good}x`,
        good.slice(0, -1),
        good.toUpperCase(),
        `%20${good}`,
        `${good}%00`,
        `${good}/`,
      ];
      // Without its last part an address is the one above it, with a slash at its end.
      const values = [...pathValues, ...near].filter((value) => value !== "");
      return values.map((value) =>
        request(subject, `path ${name}=${value.slice(0, 30)}`, {
          path: filledPath(subject.document, operation, { ...pathParameters, [name]: value }),
          also: [404],
        }),
      );
    });
}

const anyHeaders: readonly (readonly [string, string])[] = [
  ["Accept", "text/html;q=0.1, */*;q=x"],
  ["Accept-Encoding", "identity;q=0, *;q=0"],
  ["Accept-Language", "x".repeat(longValue)],
  ["Cookie", `session=${canary}; `.repeat(200)],
  ["CF-Connecting-IP", "::ffff:999.1.2.3%eth0"],
  ["CF-Connecting-IP", "z".repeat(2_000)],
  ["Content-Length", "-1"],
  ["If-None-Match", '"'.repeat(500)],
  ["Origin", "null"],
  ["Origin", `https://${canary}.example.com`],
  ["Range", "bytes=0-0,-1"],
  ["User-Agent", `${"u".repeat(255)}é${"ÿ".repeat(300)}`],
  ["User-Agent", "u".repeat(32_000)],
  ["X-Forwarded-For", "127.0.0.1, ".repeat(500)],
  ["X-HTTP-Method-Override", "DELETE"],
  ["X-Request-Id", `${canary}"\\<>`],
  ["X-Request-Id", "r".repeat(5_000)],
];

function headerRequests(subject: Subject): HostileRequest[] {
  const declared = subject.operation.parameters
    .filter((parameter) => parameter.in === "header")
    .flatMap(({ name }) => hostileStrings.filter(fitsHeader).map((value) => [name, value] as const));
  // An empty object: these are about the header, and must not do the operation's work thirty times over.
  const raw = subject.operation.requestBody === undefined ? {} : { raw: "{}" };
  return [...anyHeaders, ...declared].map(([name, value]) =>
    request(subject, `header ${name}: ${value.slice(0, 20)}`, { ...raw, headers: { [name]: value }, also: [413] }),
  );
}

/** What a client can put on the wire: header values are bytes without line ends or NUL. */
const fitsHeader = (value: string): boolean => /^[\t\u{20}-\u{7e}\u{80}-\u{ff}]*$/u.test(value);

function methodRequests(subject: Subject): HostileRequest[] {
  const { document, operation } = subject;
  const known = operationsOf(document)
    .filter((other) => other.path === operation.path)
    .map(({ method }) => method);
  return methods
    .filter((method) => !known.includes(method))
    .map((method) => {
      const { raw: _, ...bare } = request(subject, `method ${method}`, { method, expected: 405 });
      return method === "GET" ? bare : { ...bare, raw: "{}" };
    });
}
