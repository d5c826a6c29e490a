/** Sides of the picture that is sent: sharp at every size it is shown, and small. */
const side = 256;
export const pictureTypes = ["image/png", "image/jpeg", "image/webp"];

/** The largest square in the middle of a picture. */
export function middleSquare(width: number, height: number): { x: number; y: number; size: number } {
  const size = Math.min(width, height);
  return { x: Math.round((width - size) / 2), y: Math.round((height - size) / 2), size };
}

/** Cut to a square and made small here, so that neither the size of a photo nor where it was taken leaves the browser. */
export async function squareOf(file: Blob): Promise<Blob> {
  const picture = await createImageBitmap(file);
  const canvas = document.createElement("canvas");
  canvas.width = side;
  canvas.height = side;
  const { x, y, size } = middleSquare(picture.width, picture.height);
  canvas.getContext("2d")?.drawImage(picture, x, y, size, size, 0, 0, side, side);
  picture.close();
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), "image/png"),
  );
}
