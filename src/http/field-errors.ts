import { z } from "zod";
import { AppError, type FieldError } from "../shared/errors.ts";

/** A client that sends rubbish in ten thousand places hears of the first few. */
const maxFieldErrors = 20;
const maxPathLength = 200;
const maxListedValues = 12;

// For every schema that has no words of its own.
z.config({ customError: wordsFor });

/** zod's findings as the client sees them: where and which rule, never the value; one a field. A misspelt name comes first: it explains the rest. */
export function validationProblem(error: z.core.$ZodError): AppError {
  const found = firstOfEach(flatten(error.issues));
  const errors = [...found.filter(isUnknown), ...found.filter((one) => !isUnknown(one))].slice(0, maxFieldErrors);
  const [first] = errors;
  if (first === undefined) return new AppError("validation_failed", "The request is not valid.");
  const more = errors.length === 1 ? "" : ` ${errors.length - 1} more under errors.`;
  return new AppError("validation_failed", `${first.path}: ${first.message}.${more}`, { errors });
}

const unknownField = "is not a known field";
const isUnknown = ({ message }: FieldError): boolean => message === unknownField;

function flatten(issues: readonly z.core.$ZodIssue[]): FieldError[] {
  return issues.flatMap((issue) => {
    if (issue.code === "unrecognized_keys")
      return issue.keys
        .slice(0, maxFieldErrors)
        .map((key) => ({ path: pathOf([...issue.path, key]), message: unknownField }));
    return [{ path: pathOf(issue.path), message: issue.message }];
  });
}

/** What else is wrong with an empty name, or with a date that is none, says nothing more. */
function firstOfEach(found: readonly FieldError[]): FieldError[] {
  const byPath = new Map<string, FieldError>();
  for (const one of found) if (!byPath.has(one.path)) byPath.set(one.path, one);
  return [...byPath.values()];
}

/** A rule in words that go on after the field's name; undefined leaves it to zod. */
function wordsFor(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case "invalid_type":
      return issue.input === undefined ? "is missing" : `must be ${kinds[issue.expected] ?? issue.expected}`;
    case "too_small":
      return atLeast(issue.origin, Number(issue.minimum), issue.inclusive !== false);
    case "too_big":
      return atMost(issue.origin, Number(issue.maximum), issue.inclusive !== false);
    case "not_multiple_of":
      return `must be a multiple of ${issue.divisor}`;
    case "invalid_format":
      return formats[issue.format] ?? "does not have the form it must have";
    case "invalid_value":
      return oneOf(issue.values);
    case "invalid_union":
      return "matches none of the allowed shapes";
    default:
      return undefined;
  }
}

const kinds: Readonly<Partial<Record<string, string>>> = {
  string: "a string",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  record: "an object",
};
const formats: Readonly<Partial<Record<string, string>>> = {
  uuid: "must be a UUID",
  email: "must be an e-mail address",
  datetime: "must be a date and time such as 2026-01-31T12:00:00Z",
  url: "must be a URL",
};

function atLeast(origin: string, minimum: number, isInclusive: boolean): string {
  const unit = unitOf(origin, minimum);
  if (unit === undefined) return `must be ${isInclusive ? "at least" : "more than"} ${minimum}`;
  return minimum === 1 ? "must not be empty" : `must have at least ${minimum} ${unit}`;
}

function atMost(origin: string, maximum: number, isInclusive: boolean): string {
  const unit = unitOf(origin, maximum);
  if (unit === undefined) return `must be ${isInclusive ? "at most" : "less than"} ${maximum}`;
  return `may have at most ${maximum} ${unit}`;
}

/** What a length is counted in; undefined for numbers. */
function unitOf(origin: string, count: number): string | undefined {
  if (origin === "string") return count === 1 ? "character" : "characters";
  if (["array", "set", "map", "object", "record"].includes(origin)) return count === 1 ? "entry" : "entries";
  return undefined;
}

function oneOf(values: readonly unknown[]): string {
  if (values.length > maxListedValues) return "is none of the allowed values";
  return values.length === 1 ? `must be ${String(values[0])}` : `must be one of ${values.map(String).join(", ")}`;
}

function pathOf(path: readonly PropertyKey[]): string {
  const joined = path.reduce<string>(
    (text, part) =>
      typeof part === "number" ? `${text}[${part}]` : text === "" ? String(part) : `${text}.${String(part)}`,
    "",
  );
  return (joined === "" ? "body" : joined).slice(0, maxPathLength).toWellFormed();
}
