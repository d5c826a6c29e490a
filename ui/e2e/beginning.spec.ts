import { ask, expect, expectAccessible, test } from "./signedIn";

interface Checklist {
  dismissed: boolean;
  items: { id: string; done: boolean }[];
}

test("The first steps tell what is done, follow what is done, and stay away once closed", async ({
  page,
}) => {
  const read = () => ask<Checklist>(page, "GET", "/iam/checklist");
  const doneOf = (list: Checklist, id: string) => list.items.find((one) => one.id === id)?.done;
  const first = await read();
  expect(first.items.map((one) => one.id)).toEqual([
    "model",
    "collection",
    "document",
    "question",
    "api_key",
  ]);
  // The samples are there, and nobody's own work yet.
  for (const id of ["model", "collection", "document", "api_key"]) expect(doneOf(first, id)).toBe(false);
  await page.goto("/chat");
  const steps = page.getByRole("region", { name: "First steps" });
  await expect(steps).toContainText(`${first.items.filter((one) => one.done).length} of 5`);
  await expect(steps.getByRole("link", { name: /Add a language model\s*to do/ })).toBeVisible();
  await expectAccessible(page);

  const collection = await ask<{ id: string }>(page, "POST", "/knowledge/collections", {
    name: `Step ${Date.now()}`,
  });
  await ask(page, "POST", `/knowledge/collections/${collection.id}/texts`, {
    items: [{ externalId: "step", title: "A step", text: "The first step was taken." }],
  });
  const { apiKey } = await ask<{ apiKey: { id: string } }>(page, "POST", "/iam/api-keys", {
    name: `Step ${Date.now()}`,
  });
  const then = await read();
  for (const id of ["collection", "document", "api_key"]) expect(doneOf(then, id)).toBe(true);
  await page.reload();
  for (const step of ["Create a collection", "Add a document", "Create an API key"])
    await expect(steps.getByRole("link", { name: new RegExp(`${step}\\s*done`) })).toBeVisible();
  await steps.getByRole("link", { name: "Add a language model" }).click();
  await expect(page).toHaveURL(/\/models$/);

  await page.goto("/chat");
  await steps.getByRole("button", { name: "Close for good" }).click();
  await expect(steps).toBeHidden();
  await expect.poll(async () => (await read()).dismissed).toBe(true);
  await page.reload();
  await expect(page.getByRole("heading", { name: "What would you like to know?" })).toBeVisible();
  await expect(steps).toBeHidden();

  await ask(page, "DELETE", `/knowledge/collections/${collection.id}`);
  await ask(page, "POST", `/iam/api-keys/${apiKey.id}/revoke`);
  await ask(page, "PATCH", "/iam/me", { preferences: { checklistDismissed: false } });
});
