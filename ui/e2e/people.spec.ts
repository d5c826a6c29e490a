import type { Browser, Page } from "@playwright/test";
import { expect, expectAccessible, test } from "./signedIn";

/** A browser of somebody else, with the same screen and nothing of this one. */
async function otherBrowser(browser: Browser, page: Page): Promise<Page> {
  const context = await browser.newContext({
    baseURL: new URL(page.url()).origin,
    viewport: page.viewportSize() ?? undefined,
  });
  return context.newPage();
}

async function invite(page: Page, email: string, role: string): Promise<string> {
  await page.goto("/team");
  await page.getByRole("button", { name: "Invite somebody" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Email").fill(email);
  await dialog.getByLabel("Team", { exact: true }).selectOption({ index: 1 });
  await dialog.getByLabel(role, { exact: true }).check();
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Invite", exact: true }).click();
  const link = await dialog.getByLabel("Link of the invitation").inputValue();
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Done" }).click();
  await expect(page.getByRole("list", { name: "Invitations" })).toContainText(email);
  return link;
}

async function accept(guest: Page, link: string, name: string): Promise<void> {
  await guest.goto(link);
  await guest.getByLabel("Your name").fill(name);
  await guest.getByLabel("Password").fill("four words of a guest");
  await guest.getByLabel("Once more").fill("four words of a guest");
  await expectAccessible(guest);
  await guest.getByRole("button", { name: "Create account and join" }).click();
  await expect(guest).toHaveURL(/\/chat$/);
}

test("Somebody is invited, joins, is given a role, loses it, and is removed", async ({ page, browser }) => {
  test.setTimeout(120_000);
  const name = `Grace ${Date.now()}`;
  const email = `${name.replace(" ", ".").toLowerCase()}@example.com`;
  const link = await invite(page, email, "Viewer");
  const guest = await otherBrowser(browser, page);
  await accept(guest, link, name);

  // A viewer is not offered what the server would refuse.
  await guest.goto("/team");
  await expect(guest.getByRole("list", { name: "Members" })).toContainText(name);
  await expect(guest.getByRole("button", { name: "Invite somebody" })).toBeHidden();
  await guest.goto("/platform");
  await expect(guest.getByText("Only for those who run this installation")).toBeVisible();
  await expectAccessible(guest);

  // With a higher role it is.
  await page.getByRole("tab", { name: "Teams" }).click();
  await page.getByRole("list", { name: "Teams" }).getByRole("link").first().click();
  await turnRole(page, name, "Administrator");
  await guest.goto("/team");
  await guest.getByRole("button", { name: "Invite somebody" }).click();

  // The role is taken away while the form is open: the refusal is a sentence beside the button.
  await turnRole(page, name, "Administrator");
  const form = guest.getByRole("dialog");
  await form.getByLabel("Email").fill(`friend-${Date.now()}@example.com`);
  await form.getByRole("button", { name: "Invite", exact: true }).click();
  await expect(form.getByRole("alert")).toContainText(/permission/);

  await page.goto("/team");
  await page.getByRole("searchbox", { name: "Find a member" }).fill(email);
  await expect(page.getByRole("list", { name: "Members" }).getByRole("listitem")).toHaveCount(1);
  await page.getByRole("button", { name: `Actions for ${name}` }).click();
  await page.getByRole("menuitem", { name: "Remove…" }).click();
  await page.getByRole("button", { name: "Remove member" }).click();
  await expect(page.getByText("Nobody found")).toBeVisible();
  await guest.goto("/team");
  await expect(guest.getByRole("heading", { name: "Sign in" })).toBeVisible();

  // The link was used; who opens it again is told so.
  await guest.goto(link);
  await expect(guest.getByRole("alert")).toContainText(/answered/);
  await guest.context().close();

  await page.goto("/audit");
  await page.getByRole("button", { name: "tenant_member.removed" }).first().click();
  const row = page.getByRole("dialog");
  await expect(row).toContainText("Before and after");
  await expectAccessible(page);
  await row.getByRole("button", { name: "This action" }).click();
  await expect(page).toHaveURL(/action=tenant_member\.removed/);
  await page.getByRole("button", { name: "Clear all filters" }).click();
  await expect(page).not.toHaveURL(/action=/);
  await page.getByRole("button", { name: "Verify" }).click();
  await expect(page.getByRole("dialog")).toContainText("each is as it was written");
});

/** Ticks a role of somebody when it is not given, and clears it when it is. */
async function turnRole(page: Page, name: string, role: string): Promise<void> {
  await page.getByRole("button", { name: `Roles of ${name}` }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel(role, { exact: true }).click();
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog).toBeHidden();
}

test("The last owner cannot leave, and is told why", async ({ page }) => {
  await page.goto("/team?tab=teams");
  await page.getByRole("list", { name: "Teams" }).getByRole("link").first().click();
  await page.getByRole("button", { name: "Leave…" }).click();
  await page.getByRole("button", { name: "Leave team" }).click();
  await expect(page.getByRole("dialog").getByRole("alert")).toBeVisible();
  await expectAccessible(page);
});

test("A role of one's own is made, changed in the matrix and deleted", async ({ page }) => {
  const name = `Librarian ${Date.now()}`;
  await page.goto("/team?tab=roles");
  await page.getByRole("button", { name: "New role" }).click();
  await page.getByLabel("Name").fill(name);
  await page.getByRole("button", { name: "Create role" }).click();
  const box = page.getByRole("checkbox", { name: `${name}: Search collections` });
  await expect(box).not.toBeChecked();
  await box.check();
  await expectAccessible(page);
  await page.getByRole("region", { name: "Unsaved changes" }).getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("region", { name: "Unsaved changes" })).toBeHidden();
  await page.reload();
  await expect(box).toBeChecked();
  await page.getByRole("button", { name: `Actions for ${name}` }).click();
  await page.getByRole("menuitem", { name: "Delete…" }).click();
  await page.getByRole("button", { name: "Delete role" }).click();
  await expect(box).toBeHidden();
});

test("A key is made, shown once, replaced and revoked", async ({ page }) => {
  const name = `Key ${Date.now()}`;
  await page.goto("/settings/keys");
  await page.getByRole("button", { name: "New API key" }).click();
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByLabel("Only what is chosen here").check();
  await page.getByLabel("Search collections").check();
  await page.getByLabel("Requests per minute").fill("30");
  await expectAccessible(page);
  await page.getByRole("button", { name: "Create key" }).click();
  const made = await page.getByLabel("API key", { exact: true }).inputValue();
  expect(made).toMatch(/^lyc_/);
  await expectAccessible(page);
  await page.getByRole("button", { name: "I have copied it" }).click();
  const row = page.getByRole("list", { name: "API keys" }).getByRole("listitem").filter({ hasText: name });
  await expect(row).toContainText("30 requests/min");

  const answer = (key: string) =>
    page.request.get("/api/v1/knowledge/collections", { headers: { Authorization: `Bearer ${key}` } });
  await page.getByRole("button", { name: `Actions for ${name}` }).click();
  await page.getByRole("menuitem", { name: "Replace…" }).click();
  await page.getByRole("button", { name: "Replace key" }).click();
  const fresh = await page.getByLabel("API key", { exact: true }).inputValue();
  await page.getByRole("button", { name: "I have copied it" }).click();
  expect(fresh).not.toBe(made);
  expect((await answer(made)).status()).toBe(401);

  await page.getByRole("button", { name: `Actions for ${name}` }).click();
  await page.getByRole("menuitem", { name: "Revoke…" }).click();
  await page.getByRole("button", { name: "Revoke key" }).click();
  await expect(row).toContainText("Revoked");
  expect((await answer(fresh)).status()).toBe(401);
});

test("A name is changed and a picture is set and taken away", async ({ page }) => {
  await page.goto("/settings/profile");
  const box = page.getByLabel("Name", { exact: true });
  const before = await box.inputValue();
  await box.fill(`${before} II`);
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("button", { name: "Save" })).toBeDisabled();
  await page.reload();
  await expect(box).toHaveValue(`${before} II`);
  await box.fill(before);
  await page.getByRole("button", { name: "Save" }).click();

  // One pixel.
  const png =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
  const picture = page.getByTestId("picture");
  await picture.setInputFiles({ name: "me.png", mimeType: "image/png", buffer: Buffer.from(png, "base64") });
  await expect(page.getByRole("button", { name: "Replace picture" })).toBeVisible();
  await page.getByRole("button", { name: "Remove" }).click();
  await expect(page.getByRole("button", { name: "Choose a picture" })).toBeVisible();
  await picture.setInputFiles({ name: "me.png", mimeType: "image/png", buffer: Buffer.from("no picture") });
  await expect(page.getByRole("alert")).toContainText(/not a picture/);
});

for (const theme of ["light", "dark"] as const)
  test(`Every page of people and settings is accessible and fits the screen in the ${theme} theme`, async ({
    page,
  }) => {
    test.setTimeout(120_000);
    await page.emulateMedia({ colorScheme: theme });
    for (const place of [
      "/team",
      "/team?tab=invitations",
      "/team?tab=roles",
      "/team?tab=teams",
      "/settings/profile",
      "/settings/security",
      "/settings/memories",
      "/settings/keys",
      "/settings/organisation",
      "/audit",
      "/platform",
      "/platform?tab=users",
      "/forgot",
      "/reset?token=x",
      "/invitation",
    ]) {
      await page.goto(place);
      await expect(page.locator("h1").first()).toBeVisible();
      await expect(page.getByRole("status").filter({ hasText: "Loading" })).toHaveCount(0);
      await expectAccessible(page);
    }
  });
