import AxeBuilder from "@axe-core/playwright";
import { test as base, expect, type Page } from "@playwright/test";

export { expect };

export const account = {
  email: process.env.LYCEUM_EMAIL ?? "",
  password: process.env.LYCEUM_PASSWORD ?? "",
};

/** A page whose browser is signed in. */
export const test = base.extend({
  page: async ({ page }, use) => {
    expect(account.email, "Set LYCEUM_EMAIL and LYCEUM_PASSWORD to an account of the server.").not.toBe("");
    const answer = await page.request.post("/api/v1/iam/sign-in", {
      data: account,
      headers: { "X-Lyceum-Csrf": "1" },
    });
    expect(answer.ok(), await answer.text()).toBe(true);
    await use(page);
  },
});

/** Asks the server as the person who is signed in, past the screens. */
export async function ask<T>(page: Page, method: string, path: string, data?: unknown): Promise<T> {
  const answer = await page.request.fetch(`/api/v1${path}`, {
    method,
    data,
    headers: { "X-Lyceum-Csrf": "1" },
  });
  expect(answer.ok(), `${method} ${path}: ${await answer.text()}`).toBe(true);
  const text = await answer.text();
  return (text ? JSON.parse(text) : undefined) as T;
}

/** Where the stub provider is, and what it answers as this model. */
export async function stub(page: Page, model?: string, behaviour?: Record<string, unknown>): Promise<string> {
  const url = process.env.LYCEUM_STUB ?? "";
  expect(url, "Set LYCEUM_STUB to the address of tests/Stub.").not.toBe("");
  if (model) {
    const told = await page.request.post(`${url}/_script`, { data: { models: { [model]: behaviour } } });
    expect(told.ok(), await told.text()).toBe(true);
  }
  return `${url}/v1`;
}

/** Axe at WCAG 2.2 AA on the page as it stands, and nothing wider than the screen. */
export async function expectAccessible(page: Page): Promise<void> {
  // Text that fades in has no contrast yet.
  await page.evaluate(() => Promise.all(document.getAnimations().map((one) => one.finished.catch(() => {}))));
  const { violations } = await new AxeBuilder({ page })
    .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"])
    .analyze();
  expect(violations.map((one) => `${one.id}: ${one.nodes[0]?.html}`)).toEqual([]);
  const widths = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  expect(widths[0], "the page is wider than the screen").toBeLessThanOrEqual(widths[1] ?? 0);
}
