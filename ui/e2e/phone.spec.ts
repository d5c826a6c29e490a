import { expect, expectAccessible, test } from "./signedIn";

test("On a phone a question is asked, its source opens over the chat, and the chats are in the drawer", async ({
  page,
}) => {
  await page.goto("/chat");
  await page.getByLabel("Your question").fill("How much may a hotel in Japan cost per night?");
  await page.getByRole("button", { name: "Send" }).click();
  const answer = page.getByRole("article", { name: "Answer" });
  await expect(answer).toHaveAttribute("aria-busy", "false", { timeout: 30_000 });
  await expect(answer).toContainText("190 EUR");
  await expectAccessible(page);
  await answer.getByRole("region", { name: "Sources" }).getByRole("button").first().tap();
  const source = page.getByRole("dialog");
  await expect(source.getByRole("document", { name: "Page 2" })).toBeVisible();
  await expectAccessible(page);
  await source.getByRole("button", { name: "Close source" }).tap();
  await expect(source).toBeHidden();

  await page.getByRole("button", { name: "Open navigation" }).tap();
  const chats = page.getByRole("dialog").getByRole("region", { name: "Chats" });
  await expect(chats.locator("[aria-current=page]")).toBeVisible();
  await expectAccessible(page);
});

test("On a phone a collection, its document and its search are at hand", async ({ page }) => {
  await page.goto("/knowledge");
  await page
    .getByRole("link", { name: /Northwind handbook/ })
    .first()
    .tap();
  await expectAccessible(page);
  await page.getByRole("link", { name: "Travel and Expense Policy" }).first().tap();
  await expect(page.getByRole("document", { name: "Page 1" })).toBeVisible();
  await page.getByRole("tab", { name: /chunk/ }).tap();
  await expectAccessible(page);
  await page.goBack();
  await page.getByRole("tab", { name: "Try a search" }).tap();
  await page.getByLabel("What to search for").fill("hotel in Japan");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("region", { name: "What was found" })).toBeVisible();
  await expectAccessible(page);
});

test("On a phone every room fits and is accessible", async ({ page }) => {
  test.setTimeout(120_000);
  for (const place of [
    "/chat",
    "/models",
    "/settings/profile",
    "/settings/memories",
    "/settings/keys",
    "/settings/organisation",
    "/team",
    "/team?tab=roles",
    "/audit",
  ]) {
    await page.goto(place);
    await expect(page.locator("h1").first()).toBeVisible();
    await expect(page.getByRole("status").filter({ hasText: "Loading" })).toHaveCount(0);
    await expectAccessible(page);
  }
  await page.goto("/settings/organisation");
  await expect(page.getByRole("link", { name: "Organisation" })).toBeInViewport({ ratio: 0.9 });
});
