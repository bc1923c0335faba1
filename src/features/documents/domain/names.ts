export const nameLimits = { filenameBytes: 255, folderBytes: 1024, folderDepth: 16 } as const;

const bytesOf = (value: string): number => new TextEncoder().encode(value).length;
// oxlint-disable-next-line no-control-regex -- control characters are what is refused
const control = /[\u0000-\u001f\u007f]/;

/** Why a file name or one name of a folder path is refused; undefined when it is fine. It is then kept to the letter. */
export function nameFault(name: string): string | undefined {
  if (!name.isWellFormed()) return "must be well-formed Unicode";
  if (control.test(name)) return "must not contain control characters or line breaks";
  if (/[/\\]/.test(name)) return "must not contain / or \\";
  if (name.trim() === "") return "must contain more than blanks";
  if (name === "." || name === "..") return "must not be . or ..";
  if (bytesOf(name) > nameLimits.filenameBytes) return `must have at most ${nameLimits.filenameBytes} bytes in UTF-8`;
  return undefined;
}

/** A folder as it is kept: `/a/b`, without a slash at the end; the root is `/`. */
export type FolderPath = string & { readonly folder: unique symbol };
export const rootFolder = "/" as FolderPath;

/** Takes `a/b`, `/a/b` and `/a/b/` for the same folder. */
export function parseFolderPath(given: string): { path: FolderPath } | { fault: string } {
  const inner = given.replace(/^\//, "").replace(/\/$/, "");
  if (inner === "")
    return given === "/" ? { path: rootFolder } : { fault: "must be / or a path such as /hr/contracts" };
  const names = inner.split("/");
  if (names.includes("")) return { fault: "must not contain // (an empty name)" };
  if (names.length > nameLimits.folderDepth) return { fault: `must be at most ${nameLimits.folderDepth} folders deep` };
  for (const name of names) {
    const fault = nameFault(name);
    if (fault !== undefined) return { fault: `each name in it ${fault}` };
  }
  if (bytesOf(inner) + 1 > nameLimits.folderBytes)
    return { fault: `must have at most ${nameLimits.folderBytes} bytes in UTF-8` };
  return { path: `/${inner}` as FolderPath };
}

/** The folder itself and every one above it but the root, outermost first. */
export function folderLine(path: FolderPath): FolderPath[] {
  if (path === rootFolder) return [];
  const names = path.slice(1).split("/");
  return names.map((_, index) => `/${names.slice(0, index + 1).join("/")}` as FolderPath);
}

/** What the path of everything below the folder begins with. Ends in `/`, so that /a is not a prefix of /ab. */
export const prefixBelow = (path: FolderPath): string => (path === rootFolder ? "/" : `${path}/`);

/** The last name of a path. */
export const nameOf = (path: FolderPath): string => path.slice(path.lastIndexOf("/") + 1);

/**
 * `Content-Disposition` of a download (RFC 6266). Browsers take the second name (RFC 8187). curl and wget know the first
 * only, and keep its bytes as they are; workerd writes a header's value in UTF-8, so there they are the name's own.
 */
export function contentDisposition(filename: string): string {
  const plain = filename.replace(/["\\%]/g, "_");
  const encoded = encodeURIComponent(filename).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
