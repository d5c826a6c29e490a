import { expect, expectAccessible, test } from "./signedIn";

test("Two ways are compared, a search is explained, questions are measured and a worse setting is refused", async ({
  page,
}) => {
  await page.goto("/knowledge");
  await page
    .getByRole("link", { name: /handbook/i })
    .first()
    .click();
  await page.getByRole("tab", { name: "Try a search" }).click();
  await page.getByLabel("What to search for").fill("How much may a hotel in Japan cost per night?");
  await page.getByRole("button", { name: "Compare with another way" }).click();
  await page.getByRole("button", { name: "Search", exact: true }).click();
  await expect(
    page.getByRole("region", { name: "What one way found" }).getByRole("listitem").first(),
  ).toBeVisible();
  await expect(
    page.getByRole("region", { name: "What another way found" }).getByText("Other way").first(),
  ).toBeVisible();
  await expectAccessible(page);

  const set = `Asked ${Date.now()}`;
  await page.getByRole("button", { name: "This is what should be found" }).first().click();
  await page.getByLabel("Question set").selectOption("new");
  await page.getByLabel("Name of the set").fill(set);
  await expectAccessible(page);
  await page.getByRole("button", { name: "Keep" }).click();
  await expect(page.getByRole("dialog")).toBeHidden();
  await page.getByRole("tab", { name: "Questions" }).click();
  await page.getByLabel("Question set").selectOption({ label: `${set} · 1 question` });
  for (const way of ["", "lexical"]) {
    await page.getByLabel("Measure with").selectOption(way);
    await page.getByRole("button", { name: "Measure", exact: true }).click();
    await expect(page.getByRole("checkbox")).toHaveCount(way ? 2 : 1);
  }
  for (const box of await page.getByRole("checkbox").all()) await box.check();
  await expect(page.getByRole("heading", { name: /against/ })).toBeVisible();
  await expectAccessible(page);

  await page.getByRole("tab", { name: "Settings" }).click();
  await page.getByLabel("Check first with").selectOption({ label: set });
  await page.getByLabel("Least nearness").fill("0.99");
  await page.getByRole("button", { name: "Check and save" }).click();
  await expect(page.getByRole("button", { name: "Change it anyway" })).toBeVisible({ timeout: 30_000 });
  await expectAccessible(page);

  await page.goto("/knowledge/searches");
  await page
    .getByRole("link", { name: /hotel in Japan/ })
    .first()
    .click();
  await expect(page.getByRole("heading", { name: "What was found" })).toBeVisible();
  await page.getByRole("button", { name: "Found the right passages" }).click();
  await expectAccessible(page);
});
