import { ask, expect, expectAccessible, stub, test } from "./signedIn";

const key = "sk-of-the-journey-0123456789WXYZ";

test("A provider and its model are added, tried, made the default and taken away; the key is never shown again", async ({
  page,
}) => {
  const name = `rack-${Date.now()}`;
  const baseUrl = await stub(page, name, { text: "I am here." });
  const { data } = await ask<{ data: { purpose: string; modelId: string }[] }>(
    page,
    "GET",
    "/models/defaults",
  );
  const models = await ask<{ data: { id: string; isBuiltin: boolean; modelType: string }[] }>(
    page,
    "GET",
    "/models/models",
  );
  const before =
    data.find((one) => one.purpose === "chat")?.modelId ??
    models.data.find((one) => one.isBuiltin && one.modelType === "llm")?.id;

  await page.goto("/models");
  await page.getByRole("button", { name: "Add a provider" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill(name);
  await dialog.getByLabel("Base URL").fill("ftp://nowhere");
  await dialog.getByRole("button", { name: "Add provider" }).click();
  await expect(dialog).toContainText(/http/);
  await dialog.getByLabel("Base URL").fill(baseUrl);
  await dialog.getByLabel("API key").fill(key);
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Add provider" }).click();
  const row = page
    .getByRole("list", { name: "Your own providers" })
    .getByRole("listitem")
    .filter({ hasText: name });
  await expect(row).toContainText("key …WXYZ");

  await page.getByRole("button", { name: "Add a model" }).first().click();
  await dialog.getByRole("button", { name }).click();
  await dialog.getByLabel("Model", { exact: true }).fill(name);
  await dialog.getByRole("button", { name: "Save and test" }).click();
  await dialog.getByRole("button", { name: /^Make it the default/ }).click({ timeout: 30_000 });
  const model = page
    .getByRole("region", { name: "Language models" })
    .getByRole("listitem")
    .filter({ hasText: name });
  await expect(model).toContainText("Default for answers");
  await model.getByRole("button", { name: "Test" }).click();
  await expect(model).toContainText("Answered when tested");

  // A key of the model itself: stored, and only its end is told.
  await page
    .getByRole("button", { name: `Actions for ${name}` })
    .first()
    .click();
  await page.getByRole("menuitem", { name: "Add a key…" }).click();
  await dialog.getByLabel("API key").fill("sk-of-the-model-0123456789ABCD");
  await dialog.getByRole("button", { name: "Save and test" }).click();
  await expect(model).toContainText("key …ABCD", { timeout: 30_000 });
  await page.reload();
  await expect(model).toContainText("key …ABCD");
  const seen = await page.content();
  const told = JSON.stringify([
    await ask(page, "GET", "/models/models"),
    await ask(page, "GET", "/models/providers"),
  ]);
  for (const secret of [key, "sk-of-the-model"]) {
    expect(seen).not.toContain(secret);
    expect(told).not.toContain(secret);
  }
  await expectAccessible(page);

  // A provider with models is not deleted, and says why.
  await row.getByRole("button", { name: `Actions for ${name}` }).click();
  await page.getByRole("menuitem", { name: "Delete…" }).click();
  await page.getByRole("button", { name: "Delete provider" }).click();
  await expect(dialog.getByRole("alert")).toContainText("1 model");
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await row.getByRole("button", { name: `Actions for ${name}` }).click();
  await page.getByRole("menuitem", { name: "Close for new models" }).click();
  await expect(row).toContainText("Closed for new models");

  await ask(page, "PUT", "/models/defaults/chat", { modelId: before });
  await page.reload();
  await model.getByRole("button", { name: `Actions for ${name}` }).click();
  await page.getByRole("menuitem", { name: "Delete…" }).click();
  await page.getByRole("button", { name: "Delete model" }).click();
  await expect(model).toHaveCount(0);
  await row.getByRole("button", { name: `Actions for ${name}` }).click();
  await page.getByRole("menuitem", { name: "Delete…" }).click();
  await page.getByRole("button", { name: "Delete provider" }).click();
  await expect(row).toHaveCount(0);
});
