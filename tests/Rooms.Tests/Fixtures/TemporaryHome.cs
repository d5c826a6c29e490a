namespace Lyceum.Rooms.Tests;

/// <summary>A folder for LYCEUM_HOME that is gone after the test.</summary>
public sealed class TemporaryHome : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("lyceum-test-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
