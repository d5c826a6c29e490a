import { ask, expect, expectAccessible, test } from "./signedIn";

// One red pixel.
const picture = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

test("Whoever runs the installation gives the agent a picture, and takes it away again", async ({ page }) => {
  await page.goto("/chat");
  const button = page.getByRole("button", { name: /^Picture of / });
  await expect(button).toBeVisible();
  await expect(button.locator("img")).toHaveCount(0);
  await page
    .getByTestId("agent-picture")
    .setInputFiles({ name: "a.svg", mimeType: "image/png", buffer: Buffer.from("<svg/>") });
  await expect(page.getByText("This is not a picture in PNG, JPEG, WebP or GIF.")).toBeVisible();
  await page
    .getByTestId("agent-picture")
    .setInputFiles({ name: "a.png", mimeType: "image/png", buffer: picture });
  await expect(button.locator("img")).toBeVisible();
  expect(
    await button.locator("img").evaluate((img: HTMLImageElement) => [img.naturalWidth, img.naturalHeight]),
  ).toEqual([96, 96]);
  await expectAccessible(page);
  await button.focus();
  await page.keyboard.press("Enter");
  await page.getByRole("menuitem", { name: "Remove the picture" }).click();
  await expect(button.locator("img")).toHaveCount(0);
  const { data } = await ask<{ data: { iconUrl: string | null }[] }>(page, "GET", "/chat/agents");
  expect(data.every((one) => one.iconUrl === null)).toBe(true);
});
