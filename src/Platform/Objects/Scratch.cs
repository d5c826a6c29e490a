namespace Lyceum.Platform;

/// <summary>Temporary files of this process in LYCEUM_HOME/tmp, readable by this account only.</summary>
internal static class Scratch
{
    /// <summary>A file that is gone when it is closed, however that happens.</summary>
    public static FileStream File(PlatformOptions options) => Open(options, FileOptions.Asynchronous | FileOptions.DeleteOnClose, out _);

    /// <summary>A file that stays until its owner deletes it.</summary>
    public static FileStream File(PlatformOptions options, out string path) => Open(options, FileOptions.Asynchronous, out path);

    /// <summary>Deletes what a killed process left behind.</summary>
    public static int Sweep(PlatformOptions options, DateTimeOffset before)
    {
        var folder = new DirectoryInfo(Path.Combine(options.Home, "tmp"));
        var old = folder.Exists ? folder.EnumerateFiles("*.scratch").Where(file => file.LastWriteTimeUtc < before.UtcDateTime).ToList() : [];
        old.ForEach(file => file.Delete());
        return old.Count;
    }

    private static FileStream Open(PlatformOptions options, FileOptions how, out string path)
    {
        var folder = Directory.CreateDirectory(Path.Combine(options.Home, "tmp"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        path = Path.Combine(folder.FullName, $"{Guid.NewGuid():N}.scratch");
        return new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Options = how,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
    }
}
