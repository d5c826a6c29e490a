import { ask, expect, expectAccessible, test } from "./signedIn";

interface Made {
  id: string;
}

test("What a document says of itself is read and changed, and of two who change it the second is told", {
  tag: ["@KNW-07", "@KNW-08"],
}, async ({ page }) => {
  const mark = `${Date.now()}`;
  const collection = await ask<Made>(page, "POST", "/knowledge/collections", { name: `Details ${mark}` });
  await ask(page, "PATCH", `/knowledge/collections/${collection.id}`, {
    metadataFields: [
      { name: "year", type: "integer" },
      { name: "kind", type: "text", allowed: ["note", "law"] },
      { name: "final", type: "boolean" },
    ],
  });
  const item = (externalId: string, more: object) => ({
    externalId,
    title: externalId,
    text: `The ${externalId} of ${mark} says when the harbour is deep enough.`,
    ...more,
  });
  await ask(page, "POST", `/knowledge/collections/${collection.id}/texts`, {
    items: [
      item("mail", { sourceUrl: "https://example.com/mail", metadata: { year: 2020, port: "east" } }),
      item("attachment", { parentExternalId: "mail" }),
      item("appendix", {}),
    ],
  });
  const { data } = await ask<{ data: { id: string; title: string }[] }>(
    page,
    "GET",
    `/knowledge/collections/${collection.id}/documents`,
  );
  const idOf = (title: string) => data.find((one) => one.title === title)?.id;
  await page.goto(`/knowledge/${collection.id}/documents/${idOf("mail")}`);
  await page.getByRole("button", { name: "Details" }).press("Enter");
  const sheet = page.getByRole("dialog");
  await expect(sheet.getByRole("link", { name: /example.com\/mail/ })).toBeVisible();
  await expect(sheet.getByText("east")).toBeVisible();
  await expect(sheet.getByRole("list", { name: "Documents that belong to it" })).toContainText("attachment");
  await expectAccessible(page);

  await sheet.getByRole("button", { name: "Change" }).click();
  await sheet.getByLabel("Title", { exact: true }).fill("A letter");
  await sheet.getByLabel("year").fill("soon");
  await expect(sheet.getByText("“soon” is no whole number.")).toBeVisible();
  await expect(sheet.getByRole("button", { name: "Save" })).toBeDisabled();
  await expectAccessible(page);
  await sheet.getByLabel("year").fill("2021");
  await sheet.getByLabel("kind").selectOption("law");
  await sheet.getByLabel("Value 1", { exact: true }).fill("west");

  // Somebody else is faster, and what they wrote is not lost unseen.
  await ask(page, "PATCH", `/knowledge/documents/${idOf("mail")}`, { title: "Theirs" });
  await sheet.getByRole("button", { name: "Save" }).click();
  await expect(sheet.getByRole("alert")).toContainText("It is now called “Theirs”");
  await expectAccessible(page);
  await sheet.getByRole("button", { name: "Save mine over it" }).click();
  await expect(page.getByRole("heading", { name: "A letter", level: 1, includeHidden: true })).toBeVisible();
  await expect(sheet.getByText("west")).toBeVisible();
  await expect(sheet.getByText("2021")).toBeVisible();

  // What belongs to it leads there, and there one chooses another place.
  await sheet.getByRole("link", { name: "attachment" }).click();
  await expect(page.getByRole("heading", { name: "attachment", level: 1 })).toBeVisible();
  await page.getByRole("button", { name: "Details" }).click();
  await expect(sheet.getByRole("link", { name: "A letter" })).toBeVisible();
  await sheet.getByRole("button", { name: "Change" }).click();
  await sheet.getByRole("button", { name: "Choose…" }).click();
  await sheet.getByLabel("Title of the document it belongs to").fill("appen");
  await sheet.getByRole("list", { name: "Documents to choose from" }).getByText("appendix").click();
  await sheet.getByRole("button", { name: "Save" }).click();
  await expect(sheet.getByRole("link", { name: "appendix" })).toBeVisible();
});

test("A link to a file is made, copied and opened by somebody who is not signed in", {
  tag: "@STO-07",
}, async ({ page, browser }) => {
  const mark = `${Date.now()}`;
  const collection = await ask<Made>(page, "POST", "/knowledge/collections", { name: `Links ${mark}` });
  await page.goto(`/knowledge/${collection.id}`);
  await page
    .getByTestId("files")
    .first()
    .setInputFiles({
      name: "tide.txt",
      mimeType: "text/plain",
      buffer: Buffer.from(`The tide of ${mark}.`),
    });
  await page.getByRole("link", { name: "tide.txt" }).first().click();
  await page.getByRole("button", { name: "Copy a link" }).click();
  await expect(page.getByRole("dialog")).toContainText("without signing in");
  await page.getByLabel("It holds for").selectOption({ label: "an hour" });
  await expectAccessible(page);
  await page.getByRole("button", { name: "Make the link" }).press("Enter");
  const link = await page.getByLabel("Link", { exact: true }).inputValue();
  await expect(page.getByText(/It opens until/)).toBeVisible();
  await expectAccessible(page);

  const stranger = await browser.newContext();
  const opened = await stranger.request.get(link);
  expect(opened.status()).toBe(200);
  expect(await opened.text()).toBe(`The tide of ${mark}.`);
  const tampered = await stranger.request.get(`${link.slice(0, -4)}AAAA`);
  expect(tampered.status()).toBe(403);
  await stranger.close();
});
