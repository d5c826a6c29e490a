import { expect, expectAccessible, test } from "./signedIn";

test("A suggested question gets an answer whose source opens at the passage", async ({ page }) => {
  await page.goto("/chat");
  await page.getByRole("list", { name: "Suggested questions" }).getByRole("button").first().click();
  await expect(page).toHaveURL(/\/chat\/.+/);
  const answer = page.getByRole("article", { name: "Answer" });
  const sources = answer.getByRole("region", { name: "Sources" });
  await expect(sources).toBeVisible({ timeout: 30_000 });
  await expectAccessible(page);

  await sources.getByRole("button").first().click();
  const document = page.getByRole("region", { name: "Cited document" });
  await expect(document.locator("mark, .pdf-mark").first()).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("button", { name: "Close source" }).click();
  await expect(document).toBeHidden();
});

test("An answer is the same after a reload in the middle of it", async ({ page }) => {
  await page.goto("/chat");
  await page.getByRole("list", { name: "Suggested questions" }).getByRole("button").first().click();
  await expect(page).toHaveURL(/\/chat\/.+/);
  await page.reload();
  const answer = page.getByRole("article", { name: "Answer" });
  await expect(answer).toHaveAttribute("aria-busy", "false", { timeout: 30_000 });
  const text = await answer.textContent();
  await page.reload();
  await expect(answer).toHaveAttribute("aria-busy", "false");
  await expect.poll(() => answer.textContent()).toBe(text);
});

test("A draft waits in its chat, and the shortcut starts a new one", async ({ page }) => {
  await page.goto("/chat");
  const box = page.getByLabel("Your question");
  await box.fill("Half a thought");
  await page.goto("/knowledge");
  await expect(page.locator("h1").first()).toBeVisible(); // the shortcut is heard once the page is there
  await page.keyboard.press("Control+Shift+O");
  await expect(page).toHaveURL(/\/chat$/);
  await expect(box).toHaveValue("Half a thought");
  await box.fill("");
});

for (const theme of ["light", "dark"] as const)
  test(`Every room is accessible and fits the screen in the ${theme} theme`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: theme });
    for (const room of ["/chat", "/knowledge", "/models", "/settings"]) {
      await page.goto(room);
      await expect(page.locator("h1").first()).toBeVisible();
      await expectAccessible(page);
    }
  });
