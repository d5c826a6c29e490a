import { ask, expect, expectAccessible, test } from "./signedIn";

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

test("The playground shows score, metadata and timing, and every filter narrows what is found", {
  tag: "@RET-11",
}, async ({ page }) => {
  const mark = `${Date.now()}`;
  const collection = await ask<{ id: string }>(page, "POST", "/knowledge/collections", {
    name: `Filters ${mark}`,
  });
  await ask(page, "PATCH", `/knowledge/collections/${collection.id}`, {
    metadataFields: [
      { name: "year", type: "integer" },
      { name: "kind", type: "text", allowed: ["note", "law"] },
    ],
  });
  const item = (title: string, metadata: object) => ({
    externalId: title,
    title,
    text: `The tide table of ${title} tells when the harbour is deep enough.`,
    metadata,
  });
  await ask(page, "POST", `/knowledge/collections/${collection.id}/texts`, {
    items: [
      item("Harwich", {
        year: 2020,
        kind: "note",
        port: "east",
        sheet: 4,
        draft: true,
        reviewed: "2024-05-01",
      }),
      item("Dover", { year: 2022, kind: "law", port: "south" }),
      item("Whitby", { year: 2024, kind: "note" }),
    ],
  });
  await page.goto(`/knowledge/${collection.id}?tab=search`);
  await expect(page.getByText("3 documents ready")).toBeVisible({ timeout: 60_000 });
  await page.getByLabel("What to search for").fill("When is the harbour deep enough?");
  const hits = page.getByRole("region", { name: "What was found" }).getByRole("listitem");
  const search = page.getByRole("button", { name: "Search", exact: true });
  await search.click();
  await expect(hits).toHaveCount(3);

  // Each passage: its score, what found it, its document's metadata; and where the time went.
  const harwich = hits.filter({ hasText: "Harwich" });
  await expect(harwich).toContainText(/Score \d\.\d{3}/);
  await expect(harwich).toContainText(/Vector#\d+ · /);
  await expect(harwich).toContainText(/year2020/);
  await harwich.getByText("2 more fields").click();
  await expect(harwich.getByText("2024-05-01")).toBeVisible();
  await expect(page.getByText(/3 passages in [\d.,]+ (ms|s)/)).toBeVisible();
  await expect(page.getByText(/embed [\d.,]+ (ms|s) · vector [\d.,]+ (ms|s)/)).toBeVisible();

  await page.getByRole("button", { name: /^Hybrid, top/ }).click();
  await page.getByRole("button", { name: "Add a condition" }).click();
  const [field, comparison, value] = ["Field", "Comparison", "Value"].map((one) =>
    page.getByLabel(`${one} of condition 1`),
  );
  const finds = async (name: string, operator: string, what: string, titles: string[]) => {
    await field?.fill(name);
    await comparison?.selectOption(operator);
    if ((await value?.evaluate((one) => one.tagName)) === "SELECT") await value?.selectOption(what);
    else await value?.fill(what);
    await search.click();
    await expect(hits).toHaveCount(titles.length);
    for (const title of titles) await expect(hits.filter({ hasText: title })).toHaveCount(1);
  };
  await finds("kind", "eq", "law", ["Dover"]);
  await finds("kind", "ne", "law", ["Harwich", "Whitby"]);
  await finds("kind", "in", "law, note", ["Harwich", "Dover", "Whitby"]);
  await finds("year", "gt", "2022", ["Whitby"]);
  await finds("year", "gte", "2022", ["Dover", "Whitby"]);
  await finds("year", "lt", "2022", ["Harwich"]);
  await finds("year", "lte", "2022", ["Harwich", "Dover"]);
  await finds("port", "exists", "no", ["Whitby"]);
  await finds("reviewed", "gt", "2024-04-30", ["Harwich"]);
  await expect(page.getByText('{"reviewed":{"gt":"2024-04-30"}}')).toBeVisible();
  await expectAccessible(page);

  // What cannot be asked is told before it is sent.
  await field?.fill("year");
  await value?.fill("soon");
  await expect(page.getByText("year is a number; “soon” is none.")).toBeVisible();
  await expect(search).toBeDisabled();
  await expectAccessible(page);
  await page.getByRole("button", { name: "Remove condition 1" }).click();
  await page.getByLabel("Added until").fill("2020-01-01");
  await search.click();
  await expect(page.getByText("Nothing was found")).toBeVisible();
});
