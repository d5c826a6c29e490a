import type { Locator, Page } from "@playwright/test";
import { ask, expect, expectAccessible, stub, test } from "./signedIn";

/** Asks in a new chat and returns the article of the answer. */
async function askIn(page: Page, question: string): Promise<Locator> {
  await page.goto("/chat");
  await page.getByLabel("Your question").fill(question);
  await page.getByRole("button", { name: "Send" }).click();
  await expect(page).toHaveURL(/\/chat\/.+/);
  return page.getByRole("article", { name: "Answer" });
}

const finished = (answer: Locator) =>
  expect(answer).toHaveAttribute("aria-busy", "false", { timeout: 30_000 });

const words = 150;

/** Asks a model that stops in the middle of its words until it is told to go on. */
async function askSlowly(page: Page): Promise<{ answer: Locator; goOn: () => Promise<unknown> }> {
  const model = `slow-${Date.now()}`;
  const baseUrl = await stub(page, model, { tokens: words, holdAfterTokens: 20 });
  const { data } = await ask<{ data: { id: string; kind: string }[] }>(page, "GET", "/models/providers");
  const provider = data.find((one) => one.kind === "openai_compatible");
  await ask(page, "POST", "/models/models", {
    providerId: provider?.id,
    modelType: "llm",
    name: model,
    baseUrl,
  });
  await page.goto("/chat");
  await page.getByRole("button", { name: /^Model:/ }).click();
  await page.getByRole("menuitemcheckbox", { name: model }).click();
  await page.getByLabel("Your question").fill("Say words.");
  await page.getByRole("button", { name: "Send" }).click();
  await expect(page).toHaveURL(/\/chat\/.+/);
  const answer = page.getByRole("article", { name: "Answer" });
  await expect(answer).toContainText("word5 ", { timeout: 30_000 });
  await expect(answer).toHaveAttribute("aria-busy", "true");
  return { answer, goOn: () => stub(page, model, { tokens: words }) };
}

const everyWord = Array.from({ length: words }, (_, i) => `word${i + 1}`).join(" ");

test("A suggested question gets an answer whose source opens at the passage", async ({ page }) => {
  await page.goto("/chat");
  await page.getByRole("list", { name: "Suggested questions" }).getByRole("button").first().click();
  await expect(page).toHaveURL(/\/chat\/.+/);
  const answer = page.getByRole("article", { name: "Answer" });
  const sources = answer.getByRole("region", { name: "Sources" });
  await expect(sources).toBeVisible({ timeout: 30_000 });
  await expectAccessible(page);

  await sources.getByRole("button").first().click();
  const document = page.getByRole("region", { name: "Cited document" });
  await expect(document.locator("mark, .pdf-mark").first()).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("button", { name: "Close source" }).click();
  await expect(document).toBeHidden();
});

test("A source opens at its page, and the document from there at the same page with the mark", async ({
  page,
}) => {
  const answer = await askIn(page, "How much may a hotel in Japan cost per night?");
  await finished(answer);
  await expect(answer).toContainText("190 EUR");
  const source = answer.getByRole("region", { name: "Sources" }).getByRole("button").first();
  await expect(source).toContainText("page 2");

  // The card under the pointer has the words.
  await answer
    .getByRole("button", { name: /^Source 1:/ })
    .first()
    .hover();
  await expect(page.locator("blockquote").filter({ hasText: "190 EUR" })).toBeVisible();
  await page.mouse.move(0, 0);

  await source.click();
  const cited = page.getByRole("region", { name: "Cited document" });
  await expect(cited.getByRole("document", { name: "Page 2" })).toBeVisible();
  await expect(cited.locator(".pdf-mark").first()).toBeVisible();
  await page.getByRole("link", { name: "Open the document" }).click();
  await expect(page).toHaveURL(/page=2/);
  await expect(page).toHaveURL(/chunk=/);
  await expect(page.getByRole("document", { name: "Page 2" })).toBeVisible();
  await expect(page.locator(".pdf-mark").first()).toBeVisible();
});

test("A source that was removed is called so, and nothing of it is empty", async ({ page }) => {
  const word = `quillwort${Date.now()}`;
  const name = `Passing ${word}`;
  const collection = await ask<{ id: string }>(page, "POST", "/knowledge/collections", { name });
  await ask(page, "POST", `/knowledge/collections/${collection.id}/texts`, {
    items: [
      { externalId: word, title: "The note", text: `The ${word} grows in the north pond of the garden.` },
    ],
  });
  const state = () =>
    ask<{ documentCount: number; pendingCount: number }>(
      page,
      "GET",
      `/knowledge/collections/${collection.id}`,
    );
  await expect.poll(async () => (await state()).documentCount, { timeout: 30_000 }).toBe(1);
  const chat = await ask<{ id: string }>(page, "POST", "/chat/conversations", {
    collectionIds: [collection.id],
  });
  await page.goto(`/chat/${chat.id}`);
  await page.getByLabel("Your question").fill(`Where does the ${word} grow?`);
  await page.getByRole("button", { name: "Send" }).click();
  const answer = page.getByRole("article", { name: "Answer" });
  await finished(answer);
  await expect(answer.getByRole("region", { name: "Sources" })).toContainText("The note");

  await ask(page, "DELETE", `/knowledge/collections/${collection.id}`);
  await page.reload();
  const source = answer.getByRole("region", { name: "Sources" }).getByRole("button").first();
  await expect(source).toContainText("A document that is gone");
  await expect(source).toContainText("removed, or no longer shared");
  await source.click();
  const panel = page.getByRole("complementary", { name: "Source" });
  await expect(panel.getByRole("heading")).toHaveText("A document that is gone");
  await expect(panel).toContainText("It was removed, or is no longer shared with you.");
  await expect(panel.locator("blockquote")).toHaveCount(0);
  await expect(panel.getByRole("link", { name: "Open the document" })).toHaveCount(0);
  await expectAccessible(page);
});

test("An answer goes on after a reload in the middle of it, and in a second tab", async ({
  page,
  context,
}) => {
  const { answer, goOn } = await askSlowly(page);
  const second = await context.newPage();
  await second.goto(page.url());
  await page.reload();
  const there = second.getByRole("article", { name: "Answer" });
  for (const one of [answer, there]) {
    await expect(one).toContainText("word5 ");
    await expect(one).toHaveAttribute("aria-busy", "true");
    await expect(one).not.toContainText("word21");
  }
  await goOn();
  for (const one of [answer, there]) {
    await finished(one);
    await expect(one).toContainText(everyWord);
    await expect(one).not.toContainText("word1 word1");
    await expect(one).toContainText("No source found");
  }
  await second.close();
});

test("Stop ends an answer where it is, in every tab", async ({ page, context }) => {
  const { answer } = await askSlowly(page);
  const second = await context.newPage();
  await second.goto(page.url());
  await second.getByRole("button", { name: /^Stop/ }).click();
  for (const one of [answer, second.getByRole("article", { name: "Answer" })]) {
    await finished(one);
    await expect(one).toContainText("Stopped before the end.");
    await expect(one).not.toContainText(`word${words}`);
  }
  await expect(page.getByRole("button", { name: "Send" })).toBeVisible();
  await second.close();
});

test("An answer is copied with its sources, judged, and given again", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const answer = await askIn(page, "How much may a hotel in Japan cost per night?");
  await finished(answer);
  await answer.getByRole("button", { name: "Copy with citations" }).click();
  await expect(answer.getByRole("button", { name: "Copied" })).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(
    /190 EUR[\s\S]*\n\nSources:\n\[1\] .*, page 2/,
  );

  const [good, bad] = ["Good answer", "Bad answer"].map((name) => answer.getByRole("button", { name }));
  await good?.click();
  await expect(good as Locator).toHaveAttribute("aria-pressed", "true");
  await bad?.click();
  await page.getByLabel("What was wrong?").fill("Too short");
  await page.getByRole("button", { name: "Send reason" }).click();
  await expect(page.getByText("your reason is noted")).toBeVisible();
  await page.reload();
  await expect(bad as Locator).toHaveAttribute("aria-pressed", "true");
  await expect(good as Locator).toHaveAttribute("aria-pressed", "false");

  await answer.getByRole("button", { name: "Answer again" }).click();
  await expect(answer).toContainText("2/2", { timeout: 30_000 });
  await finished(answer);
  await answer.getByRole("button", { name: "Previous answer" }).click();
  await expect(answer).toContainText("1/2");
});

test("A question that no document answers says so", async ({ page }) => {
  const answer = await askIn(page, "Zyxomma quodlibet frabjous?");
  await finished(answer);
  await expect(answer).toContainText("No source found");
  await expect(answer.getByRole("region", { name: "Sources" })).toHaveCount(0);
});

test("A chat is renamed, found and deleted", async ({ page }) => {
  const name = `Chat ${Date.now()}`;
  await finished(await askIn(page, "When may premium economy be booked?"));
  const chats = page.getByRole("region", { name: "Chats" });
  const current = chats.locator("[aria-current=page]");
  await current.press("F2");
  await page.getByLabel("Name of the chat").fill(name);
  await page.keyboard.press("Enter");
  await expect(current).toContainText(name);
  await page.getByLabel("Search chats").fill("nothing is called so");
  await expect(chats).toContainText("No chat mentions");
  await page.getByLabel("Search chats").fill(name);
  await expect(chats.getByRole("link", { name })).toBeVisible();
  await page.getByLabel("Search chats").fill("");
  await page.reload();
  await expect(chats.getByRole("link", { name })).toBeVisible();
  await chats.getByRole("link", { name }).hover();
  await page.getByRole("button", { name: `Actions for ${name}` }).click();
  await page.getByRole("menuitem", { name: "Delete…" }).click();
  await page.getByRole("button", { name: "Delete chat" }).click();
  await expect(page).toHaveURL(/\/chat$/);
  await expect(chats.getByRole("link", { name })).toHaveCount(0);
});

test("A draft waits in its chat, and the shortcut starts a new one", async ({ page }) => {
  await page.goto("/chat");
  const box = page.getByLabel("Your question");
  await box.fill("Half a thought");
  await page.goto("/knowledge");
  await expect(page.locator("h1").first()).toBeVisible(); // the shortcut is heard once the page is there
  await page.keyboard.press("Control+Shift+O");
  await expect(page).toHaveURL(/\/chat$/);
  await expect(box).toHaveValue("Half a thought");
  await box.fill("");
});

for (const theme of ["light", "dark"] as const)
  test(`Every room is accessible and fits the screen in the ${theme} theme`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: theme });
    for (const room of ["/chat", "/knowledge", "/models", "/settings"]) {
      await page.goto(room);
      await expect(page.locator("h1").first()).toBeVisible();
      await expectAccessible(page);
    }
  });
