import { ask, expect, expectAccessible, test } from "./signedIn";

test("A program gets a pipeline, brings a file with its key, is paused, gets another key and is taken away", {
  tag: "@ING-02",
}, async ({ page, browser }) => {
  const mark = `${Date.now()}`;
  const collection = await ask<{ id: string }>(page, "POST", "/knowledge/collections", {
    name: `Brought ${mark}`,
  });
  await ask(page, "POST", `/knowledge/collections/${collection.id}/folders`, { name: "Inbox" });
  await page.goto(`/knowledge/${collection.id}?tab=pipelines`);
  await expect(page.getByText("No program brings documents")).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("button", { name: "New pipeline" }).press("Enter");
  await page.getByLabel("Name", { exact: true }).fill("Nightly scans");
  await page.getByLabel("Folder").selectOption({ label: "Inbox" });
  await page.getByRole("radio", { name: /^Only some of them/ }).check();
  await page.getByLabel("E-mail addresses").fill("somebody");
  await expect(page.getByText("“somebody” is no e-mail address.")).toBeVisible();
  await expectAccessible(page);
  await page.getByLabel("E-mail addresses").fill("somebody@example.com");
  await page.getByRole("button", { name: "Add a value" }).click();
  await page.getByLabel("Name of value 1").fill("source");
  await page.getByLabel("Value 1", { exact: true }).fill("scanner");
  await page.getByRole("button", { name: "Make the pipeline" }).click();
  const dialog = page.getByRole("dialog");
  const command = await dialog.getByLabel("Command").inputValue();
  const key = await dialog.getByLabel("API key").inputValue();
  expect(command).toContain(`Bearer ${key}`);
  expect(command).toContain(`/api/v1/knowledge/collections/${collection.id}/documents`);
  await expectAccessible(page);
  await page.keyboard.press("Escape");
  await expect(dialog).toBeVisible();
  await dialog.getByRole("button", { name: "I have copied it" }).click();

  // What the command does, from a machine that is nobody's browser.
  const machine = await browser.newContext();
  const send = (name: string, secret: string) =>
    machine.request.post(`/api/v1/knowledge/collections/${collection.id}/documents`, {
      headers: { Authorization: `Bearer ${secret}` },
      multipart: {
        file: { name, mimeType: "text/plain", buffer: Buffer.from(`The ${name} of ${mark}.`) },
      },
    });
  expect((await send("scan.txt", key)).status()).toBe(200);
  const { data } = await ask<{ data: { folderPath: string; metadata: object }[] }>(
    page,
    "GET",
    `/knowledge/collections/${collection.id}/documents`,
  );
  expect(data).toMatchObject([{ folderPath: "/Inbox", metadata: { source: "scanner" } }]);
  await page.reload();
  const row = page.getByRole("list", { name: "Pipelines" }).getByRole("listitem");
  await expect(row).toContainText("brought 1 document");
  await expect(row).toContainText("into Inbox");
  await expectAccessible(page);

  const act = async (name: string) => {
    await row.getByRole("button", { name: "Actions for" }).click();
    await page.getByRole("menuitem", { name }).click();
  };
  await act("Pause");
  await expect(row.getByText("Paused")).toBeVisible();
  expect((await send("late.txt", key)).status()).toBe(409);
  await act("Let it go on");
  await expect(row.getByText("Paused")).toBeHidden();

  await act("Change…");
  await expect(dialog.getByLabel("E-mail addresses")).toHaveValue("somebody@example.com");
  await dialog.getByLabel("Name", { exact: true }).fill("Scans");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(row).toContainText("Scans");

  await act("Give it another key…");
  await dialog.getByRole("button", { name: "Make another key" }).click();
  const other = await dialog.getByLabel("API key").inputValue();
  await dialog.getByRole("button", { name: "I have copied it" }).click();
  expect((await send("old.txt", key)).status()).toBe(401);
  expect((await send("new.txt", other)).status()).toBe(200);
  await expect(row).toContainText("brought 2 documents");

  await act("Delete…");
  await expect(dialog).toContainText("The 2 documents it brought stay");
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Delete pipeline" }).click();
  await expect(page.getByText("No program brings documents")).toBeVisible();
  expect((await send("gone.txt", other)).status()).toBe(401);
  await machine.close();
});
