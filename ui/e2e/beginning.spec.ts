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
  // A fresh installation has the samples, and no model of its own.
  expect([doneOf(first, "collection"), doneOf(first, "document"), doneOf(first, "model")]).toEqual([
    true,
    true,
    false,
  ]);
  await page.goto("/chat");
  const steps = page.getByRole("region", { name: "First steps" });
  await expect(steps).toContainText(`${first.items.filter((one) => one.done).length} of 5`);
  await expect(steps.getByRole("link", { name: /Add a language model\s*to do/ })).toBeVisible();
  await expect(steps.getByRole("link", { name: /Add a document\s*done/ })).toBeVisible();
  await expectAccessible(page);

  const key = await ask<{ id: string }>(page, "POST", "/iam/api-keys", { name: `Step ${Date.now()}` });
  expect(doneOf(await read(), "api_key")).toBe(true);
  await page.reload();
  await expect(steps.getByRole("link", { name: /Create an API key\s*done/ })).toBeVisible();
  await steps.getByRole("link", { name: "Add a language model" }).click();
  await expect(page).toHaveURL(/\/models$/);

  await page.goto("/chat");
  await steps.getByRole("button", { name: "Close for good" }).click();
  await expect(steps).toBeHidden();
  await expect.poll(async () => (await read()).dismissed).toBe(true);
  await page.reload();
  await expect(page.getByRole("heading", { name: "What would you like to know?" })).toBeVisible();
  await expect(steps).toBeHidden();

  await ask(page, "DELETE", `/iam/api-keys/${key.id}`);
  await ask(page, "PATCH", "/iam/me", { preferences: { checklistDismissed: false } });
});
