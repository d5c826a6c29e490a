import { expect, expectAccessible, test } from "./signedIn";

test("An administrator sets up a webhook, keeps its key, tests it and deletes it again", async ({ page }) => {
  await page.goto("/settings/alerts");
  await expect(page.getByRole("heading", { name: "Nobody is told yet" })).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("button", { name: "Add a channel" }).focus();
  await page.keyboard.press("Enter");
  await page.getByLabel("Kind").selectOption("webhook");
  await page.getByLabel("Name").fill("Operations");
  await page.getByLabel("Address").fill("http://10.1.2.3/hook");
  await page.getByRole("button", { name: "Save" }).click();
  // The refusal stands at its field, and what was typed stays.
  await expect(page.getByText(/10\.1\.2\.3, which is a private network, are refused/)).toBeVisible();
  await page.getByLabel("Address").fill("https://alerts.invalid/hook");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("heading", { name: "The signing key" })).toBeVisible();
  await expect(page.getByRole("textbox", { name: "Signing key" })).toHaveValue(/^whsec_/);
  await page.getByRole("button", { name: "I have copied it" }).click();
  const row = page.getByRole("list", { name: "Alert channels" }).getByRole("listitem");
  await expect(row).toContainText("alerts.invalid");
  await page.getByRole("button", { name: "Actions for Operations" }).click();
  await page.getByRole("menuitem", { name: "Send a test" }).click();
  await expect(row.getByRole("status")).toHaveText("The receiver could not be reached.", { timeout: 20_000 });
  await expect(row.getByText("Failing", { exact: true })).toBeVisible();
  await page.reload();
  await expect(row.getByText(/^Failing since /)).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("button", { name: "Actions for Operations" }).click();
  await page.getByRole("menuitem", { name: "Change…" }).click();
  await expect(page.getByText("One at alerts.invalid is stored; type only to replace it.")).toBeVisible();
  await page.getByLabel("Name").fill("Night shift");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("button", { name: "Actions for Night shift" }).click();
  await page.getByRole("menuitem", { name: "Delete…" }).click();
  await page.getByRole("button", { name: "Delete channel" }).click();
  await expect(page.getByRole("heading", { name: "Nobody is told yet" })).toBeVisible();
});
