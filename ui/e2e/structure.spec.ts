import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ask, expect, expectAccessible, test } from "./signedIn";

test("A folder goes in as it is, is arranged, counted, cut anew and cleared", async ({ page, isMobile }) => {
  test.setTimeout(150_000);
  const mark = `${Date.now()}`;
  const root = join(mkdtempSync(join(tmpdir(), "lyceum-")), "Handbook");
  mkdirSync(join(root, "Safety"), { recursive: true });
  writeFileSync(join(root, "start.txt"), `Start here, says number ${mark}.`);
  const long = Array.from({ length: 90 }, (_, i) => `Rule ${i} of ${mark} is that lamps are checked.`);
  writeFileSync(join(root, "Safety", "rules.txt"), long.join(" "));

  await page.goto("/knowledge");
  await page.getByRole("button", { name: "New collection" }).click();
  await page.getByLabel("Name").fill(`Structure ${mark}`);
  await page.getByLabel("Encrypt its texts in the database").check();
  await expectAccessible(page);
  await page.getByRole("button", { name: "Create collection" }).click();
  await page.getByTestId("folder").first().setInputFiles(root);
  await expect(page.getByText("2 ready")).toBeVisible({ timeout: 60_000 });
  await expect(page.getByText(/· encrypted$/)).toBeVisible();

  // The tree stands beside the documents; a folder shows what stands in it.
  const tree = page.getByRole("navigation", { name: "Folders" });
  const rows = page.getByRole("list", { name: "Documents" }).getByRole("listitem");
  await expect(rows).toHaveCount(2);
  await tree.getByRole("button", { name: /^Handbook/ }).click();
  await expect(rows).toHaveCount(1);
  await expect(rows.first()).toContainText("start.txt");
  await expectAccessible(page);
  await tree.getByRole("button", { name: "Folders in Handbook" }).click();
  await tree.getByRole("button", { name: "Actions for Safety" }).click();
  await page.getByRole("menuitem", { name: "Rename…" }).click();
  await page.getByLabel("Name", { exact: true }).fill("Fire safety");
  await expectAccessible(page);
  await page.getByRole("button", { name: "Rename" }).click();
  await tree.getByRole("button", { name: "Actions for Fire safety" }).click();
  await page.getByRole("menuitem", { name: "Move…" }).click();
  await page.getByLabel("Into").selectOption({ label: "The top, in no folder" });
  await page.getByRole("button", { name: "Move", exact: true }).click();
  await tree.getByRole("button", { name: /^Fire safety/ }).click();
  await expect(rows.first()).toContainText("rules.txt");

  // Other settings: the page says what has to be cut anew, and does it.
  await page.getByRole("tab", { name: "Settings" }).click();
  await page.getByLabel(/size/i).first().fill("64");
  await page
    .locator("form", { has: page.getByLabel(/size/i) })
    .getByRole("button", { name: "Save" })
    .click();
  await expect(page.getByText(/cut with other settings/).first()).toBeVisible();
  await expectAccessible(page);
  await page
    .getByRole("button", { name: /^Cut (it|them) (again|anew)$/ })
    .first()
    .click();
  await expect(page.getByText(/cut with other settings|being cut anew|being cut again/i)).toHaveCount(0, {
    timeout: 60_000,
  });

  await page.getByRole("tab", { name: "Statistics" }).click();
  await expect(page.getByRole("heading", { name: "Documents that came" })).toBeVisible();
  await expectAccessible(page);

  // A chunk is kept out of search, and the document knows its revisions.
  await page.getByRole("tab", { name: "Documents" }).click();
  await page.getByRole("link", { name: "rules.txt" }).first().click();
  if (isMobile) await page.getByRole("tab", { name: /chunks/ }).click();
  await page.getByRole("button", { name: "Actions for chunk 1", exact: true }).click();
  await page.getByRole("menuitem", { name: "Keep out of search" }).click();
  await expect(page.getByText("out of search").first()).toBeVisible();
  await page.getByRole("button", { name: "Revisions" }).click();
  await expect(page.getByText("Searched now")).toBeVisible();
  await expect(page.getByText("cut anew")).toBeVisible();
  await expectAccessible(page);
  await page.keyboard.press("Escape");
  await page.goBack();

  // A folder goes only with the number of what goes with it.
  await tree.getByRole("button", { name: "Actions for Handbook" }).click();
  await page.getByRole("menuitem", { name: "Delete…" }).click();
  await expect(page.getByText(/1 document \(1 chunk/)).toBeVisible();
  await page.getByRole("button", { name: "Delete 1 document" }).click();
  await expect(page.getByText("Handbook is deleted.")).toBeVisible();
  await tree.getByRole("button", { name: "All documents" }).click();
  await expect(rows).toHaveCount(1);
  await page.getByRole("button", { name: "All that is listed" }).click();
  await page.getByRole("menuitem", { name: "Delete all that is listed…" }).click();
  await page.getByRole("button", { name: "Delete 1 document" }).click();
  await expect(page.getByText("Nothing in it yet")).toBeVisible();
});

test("The tree of folders has a name of its own, and its removal leaves the documents", {
  tag: "@KNW-02",
}, async ({ page }) => {
  const mark = `${Date.now()}`;
  const collection = await ask<{ id: string }>(page, "POST", "/knowledge/collections", {
    name: `Tree ${mark}`,
  });
  const folder = await ask<{ id: string }>(page, "POST", `/knowledge/collections/${collection.id}/folders`, {
    name: "Letters",
  });
  await ask(page, "POST", `/knowledge/collections/${collection.id}/texts`, {
    items: [{ externalId: "a", title: "A letter", text: `A letter of ${mark}.` }],
  });
  const { data } = await ask<{ data: { id: string }[] }>(
    page,
    "GET",
    `/knowledge/collections/${collection.id}/documents`,
  );
  await ask(page, "POST", `/knowledge/collections/${collection.id}/documents/move`, {
    documents: data.map((one) => one.id),
    folderId: folder.id,
  });

  await page.goto(`/knowledge/${collection.id}`);
  const tree = page.getByRole("navigation", { name: "Folders" });
  await tree.getByRole("button", { name: `Actions for the tree Tree ${mark}` }).press("Enter");
  await page.getByRole("menuitem", { name: "Name and description…" }).press("Enter");
  await page.getByLabel("Name", { exact: true }).fill("Correspondence");
  await page.getByLabel("Description").fill("What was written and answered.");
  await expectAccessible(page);
  await page.getByRole("button", { name: "Save" }).click();
  await expect(tree.getByRole("heading", { name: "Correspondence" })).toBeVisible();
  await expect(tree.getByText("What was written and answered.")).toBeVisible();
  await tree.getByRole("button", { name: "Actions for the tree Correspondence" }).click();
  await page.getByRole("menuitem", { name: "Delete all folders…" }).click();
  await expect(page.getByRole("dialog")).toContainText("1 folder");
  await expectAccessible(page);
  await page.getByRole("button", { name: "Delete the folders" }).click();
  await expect(page.getByRole("dialog")).toBeHidden();
  await expect(tree.getByRole("button", { name: /^Letters/ })).toHaveCount(0);
  await expect(page.getByRole("list", { name: "Documents" }).getByText("A letter")).toBeVisible();
});
