import { writeFileSync } from "node:fs";
import { ask, expect, expectAccessible, test } from "./signedIn";

test("A large file goes in parts, goes on when the line comes back, and is opened as it was", async ({
  page,
}, info) => {
  const { id } = await ask<{ id: string }>(page, "POST", "/knowledge/collections", {
    name: `Large ${Date.now()}`,
  });
  // Above Playwright's 50 MB only paths are taken, and a path is what a person chooses.
  const path = info.outputPath("large.pdf");
  const bytes = Buffer.alloc(40_000_000, 32);
  bytes.write("%PDF-1.7\n");
  writeFileSync(path, bytes);
  const parts: string[] = [];
  page.on("request", (request) => {
    const part = /\/parts\/(\d+)$/.exec(request.url());
    if (part?.[1]) parts.push(part[1]);
  });
  await page.route("**/parts/*", (route) => (parts.length > 2 ? route.abort() : route.continue()));
  await page.goto(`/knowledge/${id}`);
  await page.getByTestId("files").first().setInputFiles(path);
  await expect(page.getByText(/Uploading \d+ % of/)).toBeVisible();
  await expect.poll(() => parts.length).toBeGreaterThan(2);
  await page.unroute("**/parts/*");
  // It is no real PDF, which reading finds out: sent it is, and whole.
  await expect(page.getByText("1 not taken")).toBeVisible({ timeout: 60_000 });
  expect(new Set(parts).size).toBe(5);
  const { data } = await ask<{ data: { id: string; sizeBytes: number }[] }>(
    page,
    "GET",
    `/knowledge/collections/${id}/documents`,
  );
  expect(data).toHaveLength(1);
  const link = await ask<{ url: string }>(page, "POST", `/knowledge/documents/${data[0]?.id}/links`, {});
  const opened = await page.request.head(link.url);
  expect(opened.headers()["content-length"]).toBe("40000000");
});

test("Whoever runs the installation sees where files lie and compares them by keyboard", async ({ page }) => {
  await page.goto("/platform?tab=storage");
  await expect(page.getByRole("heading", { name: "Where files lie" })).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("button", { name: "Compare now" }).focus();
  await page.keyboard.press("Enter");
  await expect(page.getByText(/^(Everything matches|\d+ file)/)).toBeVisible({ timeout: 30_000 });
  await expect(page.getByText(/Compared /)).toBeVisible();
  await expectAccessible(page);
});
