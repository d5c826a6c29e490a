import { readFileSync } from "node:fs";
import { account, ask, expect, expectAccessible, test } from "./signedIn";

test("A file goes in, is found by a search, and opens at the passage", async ({ page }) => {
  const mark = `heliotrope${Date.now()}`;
  await page.goto("/knowledge");
  await page.getByRole("button", { name: "New collection" }).click();
  await page.getByLabel("Name").fill(`Trial ${mark}`);
  await expectAccessible(page);
  await page.getByRole("button", { name: "Create collection" }).click();
  await expect(page.getByText("Nothing in it yet")).toBeVisible();
  await expectAccessible(page);

  const files = [
    {
      name: "notes.txt",
      mimeType: "text/plain",
      buffer: Buffer.from(`The ${mark} is kept in the third drawer.`),
    },
    { name: "broken.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.4\nnothing") },
    { name: "disk.iso", mimeType: "application/x-iso9660-image", buffer: Buffer.from("x") },
  ];
  await page.getByTestId("files").first().setInputFiles(files);
  await expect(page.getByText("1 ready · 2 not taken")).toBeVisible({ timeout: 30_000 });
  await expect(page.getByText(/\.iso are not read/)).toBeVisible();
  await expectAccessible(page);

  await page.getByRole("tab", { name: "Try a search" }).click();
  await page.getByLabel("What to search for").fill(`Where is the ${mark}?`);
  await page.keyboard.press("Enter");
  const found = page.getByRole("region", { name: "What was found" });
  await expect(found.locator("mark").first()).toHaveText(mark);
  const hit = found.getByRole("listitem").first();
  await expect(hit).toContainText(/Score \d\.\d{3}/);
  await expect(hit).toContainText(/Lexical#1 · \d/);
  await expect(hit).toContainText(/Vector#1 · \d/);
  await expectAccessible(page);
  await found.getByRole("link").first().click();
  await expect(page.locator("mark")).toContainText("third drawer");
  await expectAccessible(page);

  await page.goBack();
  await page.getByRole("tab", { name: "Settings" }).click();
  await page.getByRole("button", { name: "Delete…" }).click();
  await page.getByRole("button", { name: "Delete collection" }).click();
  await expect(page).toHaveURL(/\/knowledge$/);
});

test("A dropped file is watched on its way, tried again when it got lost, and read page by page", async ({
  page,
}) => {
  const name = `Drop ${Date.now()}`;
  const collection = await ask<{ id: string }>(page, "POST", "/knowledge/collections", { name });
  await page.goto(`/knowledge/${collection.id}`);
  await expect(page.getByText("Nothing in it yet")).toBeVisible();

  // The first try gets lost; the second is held back, so that one can see it on its way.
  let hold = () => {};
  const held = new Promise<void>((resolve) => {
    hold = resolve;
  });
  let tries = 0;
  await page.route(/\/knowledge\/collections\/[^/]+\/documents(\?|$)/, async (route) => {
    if (route.request().method() !== "POST") return route.continue();
    tries += 1;
    if (tries === 1) return route.abort("connectionreset");
    await held;
    return route.continue();
  });
  const dropped = await page.evaluateHandle(async (samples) => {
    const bytes = Uint8Array.from(atob(samples), (letter) => letter.charCodeAt(0));
    const transfer = new DataTransfer();
    transfer.items.add(new File([bytes], "travel-policy.pdf", { type: "application/pdf" }));
    return transfer;
  }, readFileSync("../samples/travel-policy.pdf").toString("base64"));
  await page.dispatchEvent("main", "dragover", { dataTransfer: dropped });
  await expect(page.getByText(`Let go to add to ${name}`)).toBeVisible();
  await page.dispatchEvent("main", "drop", { dataTransfer: dropped });

  await expect(page.getByText("Not sent")).toBeVisible({ timeout: 20_000 });
  await page.getByRole("button", { name: "Retry" }).click();
  await expect(page.getByRole("progressbar", { name: "travel-policy.pdf" })).toBeVisible();
  await expect(page.getByText("1 in work")).toBeVisible();
  hold();
  await expect(page.getByText("1 ready")).toBeVisible({ timeout: 30_000 });
  await expect(page.getByRole("progressbar")).toHaveCount(0);

  // What was watched by its file name is now listed by its title.
  await page.getByRole("link", { name: "Travel and Expense Policy" }).click();
  await expect(page.getByRole("document", { name: "Page 1" })).toBeVisible();
  await expect(page.getByText(/\d+ pages · \d+ chunks/)).toBeVisible();
  await page.getByRole("button", { name: "Next page" }).click();
  await expect(page.getByRole("document", { name: "Page 2" })).toBeVisible();
  const chunk = page
    .getByRole("region", { name: "Chunks" })
    .getByRole("button")
    .filter({ hasText: "page 3" })
    .first();
  await chunk.click();
  await expect(page.getByRole("document", { name: "Page 3" })).toBeVisible();
  await expect(page.locator(".pdf-mark").first()).toBeVisible();
  await expect(chunk).toHaveAttribute("aria-current", "true");
  await ask(page, "DELETE", `/knowledge/collections/${collection.id}`);
});

test("A document that could not be read is tried again from its row and its page", async ({ page }) => {
  const collection = await ask<{ id: string }>(page, "POST", "/knowledge/collections", {
    name: `Broken ${Date.now()}`,
  });
  await page.goto(`/knowledge/${collection.id}`);
  await page
    .getByTestId("files")
    .first()
    .setInputFiles({
      name: "broken.pdf",
      mimeType: "application/pdf",
      buffer: Buffer.from("%PDF-1.4\nnothing"),
    });
  const reason = "The PDF file is damaged";
  const files = page.getByRole("list", { name: "Documents" });
  await expect(page.getByText("1 not taken")).toBeVisible({ timeout: 30_000 });
  await expect(page.getByText(reason)).toHaveCount(2); // beside the file that was sent, and in its row
  await expect(files).toContainText(reason);

  const retried = () =>
    page.waitForResponse((one) => one.request().method() === "POST" && /\/retry$/.test(one.url()));
  let asked = retried();
  await page.getByRole("button", { name: "Actions for broken.pdf" }).click();
  await page.getByRole("menuitem", { name: "Retry" }).click();
  expect((await asked).ok()).toBe(true);
  await expect(files).toContainText(reason, { timeout: 30_000 });
  await page.getByRole("link", { name: "broken.pdf" }).click();
  const trouble = page.getByRole("alert");
  await expect(trouble).toContainText("It was tried 2 times", { timeout: 30_000 });
  await expectAccessible(page);
  asked = retried();
  await trouble.getByRole("button", { name: "Retry" }).click();
  expect((await asked).ok()).toBe(true);
  await expect(trouble).toContainText("It was tried 3 times", { timeout: 30_000 });
  await ask(page, "DELETE", `/knowledge/collections/${collection.id}`);
});

test("A document is kept to those who are named, and who names somebody else is warned", async ({ page }) => {
  const collection = await ask<{ id: string }>(page, "POST", "/knowledge/collections", {
    name: `Kept ${Date.now()}`,
  });
  await ask(page, "POST", `/knowledge/collections/${collection.id}/texts`, {
    items: [{ externalId: "kept", title: "A kept note", text: "Only some of us read this." }],
  });
  await page.goto(`/knowledge/${collection.id}`);
  await page.getByRole("link", { name: "A kept note" }).click();
  await page.getByRole("button", { name: "Who may see it" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Only some of them").check();
  await dialog.getByLabel("E-mail address").fill("ada@example.org");
  await dialog.getByRole("button", { name: "Add", exact: true }).click();
  await expect(dialog).toContainText("You are not among them.");
  await expectAccessible(page);
  // What is typed counts, with or without a press on "Add".
  await dialog.getByLabel("E-mail address").fill(account.email);
  await expect(dialog).not.toContainText("You are not among them.");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog).toBeHidden();
  await page.getByRole("button", { name: "Who may see it" }).click();
  await expect(dialog.getByLabel("Only some of them")).toBeChecked();
  const named = dialog.getByRole("list", { name: "Who may see it" });
  await expect(named).toContainText(account.email);
  await expect(named).toContainText("ada@example.org");
  await ask(page, "DELETE", `/knowledge/collections/${collection.id}`);
});
