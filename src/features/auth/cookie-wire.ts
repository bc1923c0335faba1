import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { AppError } from "../../shared/errors.ts";
import type { SignIn } from "./verbs/sign-in.ts";

/** `__Host-`: this host's own, over https (or loopback), for the whole site; a neighbouring host cannot set it. */
const cookieName = "__Host-etter_refresh";
const attributes = { path: "/", secure: true, httpOnly: true, sameSite: "Strict" } as const;

export const setRefreshCookie = (c: Context, { refreshToken, refreshExpiresIn }: SignIn): void =>
  setCookie(c, cookieName, refreshToken, { ...attributes, maxAge: refreshExpiresIn });

/** Takes the cookie away from a browser that has it. */
export function clearRefreshCookie(c: Context): void {
  if (getCookie(c, cookieName) !== undefined) deleteCookie(c, cookieName, attributes);
}

/**
 * The refresh token of the cookie; "" where there is none. A browser sends the cookie by itself, so the page must be ours:
 * `Origin` says whose it is, and a page cannot lie about it.
 *
 * @throws AppError `forbidden` for another origin
 */
export function refreshCookie(c: Context, publicUrl: string): string {
  const { origin } = new URL(publicUrl);
  if (c.req.header("origin") !== origin)
    throw new AppError(
      "forbidden",
      `A session in a cookie is refreshed by pages of ${origin} only: the Origin header must say so.`,
    );
  return getCookie(c, cookieName) ?? "";
}
