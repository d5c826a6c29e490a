import { expect, expectAccessible, test } from "./signedIn";

test("An organisation is made, suspended, brought back, deleted and purged", async ({ page }) => {
  test.setTimeout(120_000);
  const name = `Trial ${Date.now()}`;
  await page.goto("/platform");
  await page.getByRole("button", { name: "New organisation" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name", { exact: true }).fill(name);
  await dialog.getByLabel("Administrator’s name").fill("Olga Owner");
  const email = `olga-${Date.now()}@example.com`;
  await dialog.getByLabel("Administrator’s email").fill(email);
  const slug = await dialog.getByLabel("Short name").inputValue();
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Create organisation" }).click();
  const link = await dialog.getByLabel("Link of the invitation").inputValue();
  await dialog.getByRole("button", { name: "Done" }).click();

  // With the link its administrator chooses a password and gets in.
  const context = await page.context().browser()?.newContext();
  const olga = await context?.newPage();
  if (!olga) throw new Error("There is no browser for Olga.");
  await olga.goto(link);
  await olga.getByLabel("New password").fill("four words of olga");
  await olga.getByLabel("Once more").fill("four words of olga");
  await olga.getByRole("button", { name: "Change password" }).click();
  await expect(olga.getByText("Your password is changed")).toBeVisible();
  await olga.context().close();

  // Acting as her: a banner on every page, also after a reload, until it is stopped.
  await page.getByRole("tab", { name: "Accounts" }).click();
  await page.getByRole("searchbox", { name: "Find an account" }).fill(email);
  await expect(page.getByRole("list", { name: "Accounts" }).getByRole("listitem")).toHaveCount(1);
  await page.getByRole("button", { name: "Actions for Olga Owner" }).click();
  await page.getByRole("menuitem", { name: "Act as them…" }).click();
  await dialog.getByLabel("Reason").fill("A trial of acting");
  await dialog.getByRole("button", { name: "Act as them" }).click();
  const banner = page.getByRole("region", { name: "Acting as somebody else" });
  await expect(banner).toContainText(`Olga Owner of ${name}`);
  await page.goto("/settings/keys");
  await expect(banner).toBeVisible();
  await expectAccessible(page);
  await banner.getByRole("button", { name: "Stop acting" }).click();
  await expect(page.getByRole("heading", { name: "Platform" })).toBeVisible();
  await expect(banner).toBeHidden();

  // The same short name again is refused beside the form.
  await page.getByRole("button", { name: "New organisation" }).click();
  await dialog.getByLabel("Name", { exact: true }).fill(name);
  await dialog.getByLabel("Administrator’s name").fill("Olga Owner");
  await dialog.getByLabel("Administrator’s email").fill("olga@example.com");
  await dialog.getByRole("button", { name: "Create organisation" }).click();
  await expect(dialog.getByRole("alert")).toContainText(slug);
  await page.keyboard.press("Escape");

  await page.getByRole("searchbox", { name: "Find an organisation" }).fill(slug);
  await page.getByRole("link", { name }).click();
  await page.getByRole("button", { name: "Suspend…" }).click();
  await dialog.getByLabel("Reason").fill("A trial of the suspension");
  await dialog.getByRole("button", { name: "Suspend", exact: true }).click();
  await expect(page.getByText("A trial of the suspension")).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("button", { name: "Reactivate" }).click();
  await expect(page.getByRole("button", { name: "Suspend…" })).toBeVisible();

  await page.getByRole("button", { name: "Delete…" }).click();
  await page.getByRole("button", { name: "Delete organisation" }).click();
  await page.getByRole("button", { name: "Purge…" }).click();
  const purge = page.getByRole("button", { name: "Purge for good" });
  await expect(purge).toBeDisabled();
  await dialog.getByLabel(/to confirm/).fill(slug);
  await expectAccessible(page);
  await purge.click();
  await expect(page).toHaveURL(/\/platform$/);
});
