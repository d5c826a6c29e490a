import { ask, expect, expectAccessible, stub, test } from "./signedIn";

/** Plain samples of 16 bits, each second the number it is: the stub provider hears that number. */
function wave(seconds: number, rate = 8000): Buffer {
  const sound = Buffer.alloc(44 + seconds * rate * 2);
  sound.write("RIFF", 0);
  sound.writeUInt32LE(sound.length - 8, 4);
  sound.write("WAVEfmt ", 8);
  sound.writeUInt32LE(16, 16);
  sound.writeUInt16LE(1, 20);
  sound.writeUInt16LE(1, 22);
  sound.writeUInt32LE(rate, 24);
  sound.writeUInt32LE(rate * 2, 28);
  sound.writeUInt16LE(2, 32);
  sound.writeUInt16LE(16, 34);
  sound.write("data", 36);
  sound.writeUInt32LE(seconds * rate * 2, 40);
  for (let i = 0; i < seconds * rate; i++) sound.writeInt16LE(Math.floor(i / rate) + 1, 44 + i * 2);
  return sound;
}

test("A recording is read with its ears, found, and played from where it is said", async ({ page }) => {
  test.setTimeout(150_000);
  const mark = `${Date.now()}`;
  const address = await stub(page);
  const providers = await ask<{ data: { id: string; kind: string }[] }>(page, "GET", "/models/providers");
  const provider = providers.data.find((one) => one.kind === "openai_compatible");
  const model = await ask<{ id: string }>(page, "POST", "/models/models", {
    providerId: provider?.id,
    modelType: "stt",
    name: `ear-${mark}`,
    displayName: `Ear ${mark}`,
    baseUrl: address,
  });
  await ask(page, "PUT", "/models/defaults/stt", { modelId: model.id });
  await page.goto("/models");
  await expect(page.getByText(`Ear ${mark}`)).toBeVisible();
  await expect(page.getByText("Default for recordings")).toBeVisible();

  const made = await ask<{ id: string }>(page, "POST", "/knowledge/collections", { name: `Talks ${mark}` });
  await page.goto(`/knowledge/${made.id}`);
  await page
    .getByTestId("files")
    .first()
    .setInputFiles({ name: "talk.wav", mimeType: "audio/wav", buffer: wave(200) });
  await expect(page.getByText("1 ready")).toBeVisible({ timeout: 60_000 });

  await page.getByRole("link", { name: "talk.wav" }).click();
  const transcript = page.getByRole("list", { name: "Transcript" });
  await expect(transcript.getByRole("button")).toHaveCount(40);
  await expectAccessible(page);
  await page.screenshot({ path: test.info().outputPath("recording.png") });

  // What is pressed is played, by hand or by keyboard.
  const player = page.getByLabel("Recording", { exact: true });
  await transcript.getByRole("button", { name: /1:40/ }).click();
  await expect
    .poll(() => player.evaluate((one: HTMLMediaElement) => one.currentTime))
    .toBeGreaterThanOrEqual(100);
  await transcript.getByRole("button", { name: /2:05/ }).press("Enter");
  await expect
    .poll(() => player.evaluate((one: HTMLMediaElement) => one.currentTime))
    .toBeGreaterThanOrEqual(125);
  await player.evaluate((one: HTMLMediaElement) => one.pause());

  await page.getByRole("button", { name: "How it is listened to" }).click();
  await expect(page.getByText("It lasts 3:20.")).toBeVisible();
  await expectAccessible(page);
  await page.screenshot({ path: test.info().outputPath("settings.png") });
  await page.getByLabel("At least").fill("10");
  await page.getByLabel("At most").fill("20");
  await page.getByRole("button", { name: "Cut again" }).click();
  await expect(page.getByText("Its transcript is cut again.")).toBeVisible();
  await ask(page, "DELETE", `/knowledge/collections/${made.id}`);
});
