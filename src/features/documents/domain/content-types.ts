/** `type/subtype` in lower case, without parameters. */
export const essenceOf = (contentType: string): string => (contentType.split(";")[0] ?? "").trim().toLowerCase();

/** Other names of the same format, as browsers and older software write them. */
const aliases: Readonly<Record<string, string>> = {
  "application/x-pdf": "application/pdf",
  "application/x-zip-compressed": "application/zip",
  "application/x-zip": "application/zip",
  "application/x-gzip": "application/gzip",
  "application/x-tar": "application/x-tar",
  "text/rtf": "application/rtf",
  "text/xml": "application/xml",
  "image/svg+xml": "application/xml",
  "application/xhtml+xml": "application/xml",
  "image/jpg": "image/jpeg",
  "image/pjpeg": "image/jpeg",
  "image/x-png": "image/png",
  "image/x-ms-bmp": "image/bmp",
  "audio/mp3": "audio/mpeg",
  "audio/x-wav": "audio/wav",
  "audio/vnd.wave": "audio/wav",
  "audio/x-m4a": "audio/mp4",
  "audio/m4a": "audio/mp4",
  "video/x-m4v": "video/mp4",
  "application/mp4": "video/mp4",
  "audio/ogg; codecs=opus": "audio/ogg",
  "audio/opus": "audio/ogg",
  "application/ogg": "audio/ogg",
  "video/matroska": "video/x-matroska",
  "application/x-msword": "application/msword",
};

export const canonicalType = (contentType: string): string => {
  const essence = essenceOf(contentType);
  return aliases[essence] ?? essence;
};

export const unknownType = "application/octet-stream";
const office = "application/vnd.openxmlformats-officedocument";

/** Formats that are ZIP archives inside, with the folder that tells them apart. */
export const zipFormats: Readonly<Record<string, string>> = {
  [`${office}.wordprocessingml.document`]: "word/",
  [`${office}.wordprocessingml.template`]: "word/",
  [`${office}.spreadsheetml.sheet`]: "xl/",
  [`${office}.spreadsheetml.template`]: "xl/",
  [`${office}.presentationml.presentation`]: "ppt/",
  [`${office}.presentationml.template`]: "ppt/",
  [`${office}.presentationml.slideshow`]: "ppt/",
  "application/vnd.oasis.opendocument.text": "content.xml",
  "application/vnd.oasis.opendocument.spreadsheet": "content.xml",
  "application/vnd.oasis.opendocument.presentation": "content.xml",
};

/** Older Office formats: a compound file inside, which does not say which of them it is. */
export const compoundFormats: ReadonlySet<string> = new Set([
  "application/msword",
  "application/vnd.ms-excel",
  "application/vnd.ms-powerpoint",
  "application/vnd.ms-outlook",
]);
export const compoundType = "application/x-cfb";

/** What the company's files may be found to be. Text has no signature and is judged by its bytes. */
export const allowedTypes: ReadonlySet<string> = new Set([
  "application/pdf",
  "application/rtf",
  "application/xml",
  "application/zip",
  "application/gzip",
  "application/epub+zip",
  compoundType,
  ...compoundFormats,
  ...Object.keys(zipFormats),
  ...["png", "jpeg", "gif", "webp", "tiff", "bmp", "heic", "heif", "avif"].map((name) => `image/${name}`),
  ...["mpeg", "wav", "ogg", "mp4", "flac", "aac"].map((name) => `audio/${name}`),
  ...["mp4", "webm", "ogg", "quicktime", "x-matroska", "mpeg"].map((name) => `video/${name}`),
]);

/** Types that programs of any system run or install, as the sniffing library names them. */
export const executableTypes: ReadonlySet<string> = new Set([
  "application/x-msdownload",
  "application/vnd.microsoft.portable-executable",
  "application/x-elf",
  "application/x-mach-binary",
  "application/java-vm",
  "application/java-archive",
  "application/vnd.android.package-archive",
  "application/x-ms-shortcut",
  "application/x.ms.shortcut",
  "application/x-apple-diskimage",
  "application/x-deb",
  "application/x-rpm",
  "application/x-xpinstall",
  "application/x-google-chrome-extension",
  "application/wasm",
  "application/vnd.ms-cab-compressed",
  "application/x-iso9660-image",
]);

const textSubtypes: ReadonlySet<string> = new Set([
  "application/json",
  "application/xml",
  "application/x-ndjson",
  "application/yaml",
  "application/x-yaml",
  "application/csv",
  "application/sql",
  "application/javascript",
  "message/rfc822",
]);

export const isTextType = (canonical: string): boolean =>
  canonical.startsWith("text/") || textSubtypes.has(canonical) || /\+(json|xml|yaml)$/.test(canonical);
