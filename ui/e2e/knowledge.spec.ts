import { expect, expectAccessible, test } from "./signedIn";

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
    { name: "film.mkv", mimeType: "video/x-matroska", buffer: Buffer.from("x") },
  ];
  await page.getByTestId("files").first().setInputFiles(files);
  await expect(page.getByText("1 ready · 2 not taken")).toBeVisible({ timeout: 30_000 });
  await expect(page.getByText(/\.mkv are not read/)).toBeVisible();
  await expectAccessible(page);

  await page.getByRole("tab", { name: "Try a search" }).click();
  await page.getByLabel("What to search for").fill(`Where is the ${mark}?`);
  await page.keyboard.press("Enter");
  const found = page.getByRole("region", { name: "What was found" });
  await expect(found.locator("mark").first()).toHaveText(mark);
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
