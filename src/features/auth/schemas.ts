import { z } from "@hono/zod-openapi";
import { emailAddress, label, text } from "../../shared/text.ts";
import { userExample, userSchema, userToWire } from "../users/index.ts";
import type { SignIn } from "./service.ts";

/** Longer than any password may be, so that a long wrong one is a wrong password, not a different error. */
const maxSignInPasswordLength = 1_000;
const maxNameLength = 100;

export const loginSchema = z
  .strictObject({ email: emailAddress(), password: text(maxSignInPasswordLength) })
  .openapi("Login", { example: { email: "researcher@demo.example", password: "demo only sign in 7071" } });

export const signInSchema = z
  .object({
    access_token: z.string(),
    token_type: z.literal("bearer"),
    expires_in: z.number().int().openapi({ description: "Seconds." }),
    refresh_token: z.string(),
    refresh_expires_in: z.number().int().openapi({ description: "Seconds." }),
    user: userSchema,
  })
  .openapi("SignIn", {
    example: {
      access_token: "eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.….…",
      token_type: "bearer",
      expires_in: 1800,
      refresh_token: "1.8e2a1d8e….5b0c7a52….….…",
      refresh_expires_in: 604_800,
      user: userExample,
    },
  });

export const bootstrapSchema = z
  .strictObject({
    email: emailAddress(),
    password: text(maxSignInPasswordLength),
    first_name: label(maxNameLength),
    last_name: label(maxNameLength),
  })
  .openapi("Bootstrap", {
    example: {
      email: "owner@example.com",
      password: "a sentence only you know",
      first_name: "Sam",
      last_name: "Owner",
    },
  });

export const adminSecretHeader = z.object({
  "x-admin-secret": z.string().max(1_000).optional().openapi({ description: "The ADMIN_SECRET of the deployment." }),
});

export const signInToWire = (signIn: SignIn): z.infer<typeof signInSchema> => ({
  access_token: signIn.accessToken,
  token_type: "bearer",
  expires_in: signIn.expiresIn,
  refresh_token: signIn.refreshToken,
  refresh_expires_in: signIn.refreshExpiresIn,
  user: userToWire(signIn.user),
});
