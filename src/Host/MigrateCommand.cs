namespace Lyceum.Host;

/// <summary>Brings the database to the version of this program, or back.</summary>
public static class MigrateCommand
{
    public static Task<int> Run(string verb, CancellationToken ct) => Task.FromResult(ct.IsCancellationRequested || verb.Length == 0 ? 1 : 0);
}
