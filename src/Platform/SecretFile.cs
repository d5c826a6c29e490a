namespace Lyceum.Platform;

/// <summary>A small file that only this account may read, made once; two processes that start together end with the same content.</summary>
public static class SecretFile
{
    public static string ReadOrMake(string path, Func<string> make)
    {
        if (!File.Exists(path))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!); // The path always has a folder.
            var own = $"{path}.{Guid.NewGuid():N}";
            using (var stream = new FileStream(own, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            }))
            using (var writer = new StreamWriter(stream))
            {
                writer.Write(make());
            }

            try
            {
                File.Move(own, path, overwrite: false);
            }
            catch (IOException) when (File.Exists(path))
            {
                File.Delete(own);
            }
        }

        return File.ReadAllText(path).Trim();
    }
}
