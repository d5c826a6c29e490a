import type { Page } from "@playwright/test";
import { ask, expect, expectAccessible, stub, test } from "./signedIn";

interface Made {
  id: string;
}

/** An embedding model that the stub answers for. */
async function embedder(page: Page, name: string, behaviour: Record<string, unknown>): Promise<string> {
  const url = await stub(page, name, behaviour);
  const providers = await ask<{ data: { id: string; kind: string }[] }>(page, "GET", "/models/providers");
  const providerId = providers.data.find((one) => one.kind === "openai_compatible")?.id;
  const made = await ask<Made>(page, "POST", "/models/models", {
    providerId,
    modelType: "embeddings",
    name,
    displayName: name,
    baseUrl: url,
  });
  return made.id;
}

test("A collection gets another embedding model while it is used, is compared, switched and switched back", async ({
  page,
}) => {
  test.setTimeout(180_000);
  const mark = `${Date.now()}`;
  const model = `embed-${mark}`;
  await embedder(page, model, { dimension: 48, headerDelayMs: 700 });
  const collection = await ask<Made>(page, "POST", "/knowledge/collections", { name: `Vectors ${mark}` });
  const items = Array.from({ length: 260 }, (_, i) => ({
    externalId: `t${i}`,
    title: `Lamp ${i}`,
    text: `The lamp number ${i} burns ${(i * 7) % 13} hours in ${i % 2 ? "red" : "green"} light.`,
  }));
  await ask(page, "POST", `/knowledge/collections/${collection.id}/texts`, { items });
  const set = await ask<Made>(page, "POST", "/knowledge/question-sets", {
    collectionId: collection.id,
    name: "Lamps",
  });
  await ask(page, "POST", `/knowledge/question-sets/${set.id}/questions`, {
    questions: [3, 40, 77].map((i) => ({
      question: `How long burns the lamp number ${i}?`,
      expectedQuotes: [`lamp number ${i} burns`],
    })),
  });

  await page.goto(`/knowledge/${collection.id}?tab=embedding`);
  await expect(page.getByText("260 documents ready")).toBeVisible({ timeout: 60_000 });
  await expect(page.getByRole("heading", { name: "The model that is searched with" })).toBeVisible();
  await expectAccessible(page);

  // What it takes is told before anything is paid for.
  await page.getByLabel("Model", { exact: true }).selectOption({ label: model });
  await page.getByLabel("Price of a million tokens").fill("0.5");
  await page.getByRole("button", { name: "See what it takes" }).press("Enter");
  await expect(page.getByText("48 numbers each", { exact: false })).toBeVisible({ timeout: 20_000 });
  await expectAccessible(page);
  await page.getByRole("button", { name: "Make the vectors" }).click();

  // The bar moves by itself, and a search finds what it found.
  const bar = page.getByRole("progressbar");
  await expect(bar).toBeVisible();
  await expect(page.getByText("Nothing changes for anybody who searches")).toBeVisible();
  await expectAccessible(page);
  await expect(page.getByText("complete", { exact: true })).toBeVisible({ timeout: 60_000 });

  await page.getByRole("button", { name: "Compare", exact: true }).click();
  await expect(page.getByRole("heading", { name: `Now and with ${model}` })).toBeVisible({ timeout: 60_000 });
  await expectAccessible(page);
  await page.setViewportSize({ width: 360, height: 740 });
  await expectAccessible(page);
  await page.setViewportSize({ width: 1280, height: 800 });

  await page.getByRole("button", { name: "Switch to it" }).click();
  await expect(page.getByRole("heading", { name: "The model before" })).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("button", { name: "Go back to it" }).click();
  await expect(page.getByText(`${model} was searched with until`)).toBeVisible();
  await page.getByRole("button", { name: "Delete its vectors" }).click();
  await expectAccessible(page);
  await page.getByRole("button", { name: "Delete vectors" }).click();
  await expect(page.getByRole("heading", { name: "The model before" })).toHaveCount(0);

  // One that goes wrong says why, and can be tried again or discarded.
  const broken = `embed-broken-${mark}`;
  await embedder(page, broken, { dimension: 32, headerDelayMs: 300 });
  await page.reload();
  await page.getByLabel("Model", { exact: true }).selectOption({ label: broken });
  await page.getByRole("button", { name: "See what it takes" }).click();
  await page.getByRole("button", { name: "Make the vectors" }).click();
  await stub(page, broken, { status: 401, errorMessage: "wrong key" });
  await expect(page.getByText("stopped", { exact: true })).toBeVisible({ timeout: 60_000 });
  await expect(page.getByRole("alert")).toContainText("The embedding model could not be used");
  await expectAccessible(page);
  await page.getByRole("button", { name: "Discard", exact: true }).click();
  await page.getByRole("button", { name: "Discard vectors" }).click();
  await expect(page.getByRole("heading", { name: "Change the model" })).toBeVisible();
});
