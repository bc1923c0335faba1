import { expect, it } from "vitest";

import { explainLaunchFailure } from "../../support/node/browser.ts";

it("says which Debian packages to install when Chromium lacks a library", () => {
  const loader =
    "[pid=7][err] /tmp/x/chromium: error while loading shared libraries: libnss3.so: cannot open shared object file";
  const { message, cause } = explainLaunchFailure(new Error(`Target closed\n${loader}: No such file or directory`));
  expect(message).toBe(
    "Chromium cannot start: libnss3.so is missing. On Debian or Ubuntu: apt-get install -y libnss3 libnspr4 libexpat1",
  );
  expect(cause).toBeInstanceOf(Error);
});

it("leaves any other failure as it is", () => {
  const failure = new Error("Timeout 30000ms exceeded.");
  expect(explainLaunchFailure(failure)).toBe(failure);
});
