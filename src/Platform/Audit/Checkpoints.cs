using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Lyceum.Platform;

/// <summary>How far a tenant's chain had come at a time, kept outside the database. Kind is end, archived (up to there rows left the database) or purged.</summary>
public sealed record Checkpoint(Guid Tenant, string Kind, long Position, string RowHash, DateTimeOffset At, string Signature)
{
    internal byte[] Signed => Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Tenant}|{Kind}|{Position}|{RowHash}|{At:O}"));
}

/// <summary>
/// Signed checkpoints in LYCEUM_HOME/audit/checkpoints.jsonl, only ever added to. Whoever rewrites or cuts a chain in the database would have to
/// write this file too, and has no key for it. Copy the file to where the database's administrators do not come.
/// </summary>
public sealed class Checkpoints(PlatformOptions options, MasterKey key, TimeProvider clock)
{
    private readonly Lock _writing = new();
    private readonly ConcurrentDictionary<Guid, long> _last = new();

    internal string Folder => Path.Combine(options.Home, "audit");

    private string File => Path.Combine(Folder, "checkpoints.jsonl");

    /// <summary>Adds checkpoints and forces them to the disk.</summary>
    internal void Add(IReadOnlyCollection<(Guid Tenant, string Kind, long Position, byte[] RowHash)> reached)
    {
        if (reached.Count == 0)
        {
            return;
        }

        // An end that was written down already is not written again.
        reached = [.. reached.Where(r => r.Kind != "end" || _last.GetValueOrDefault(r.Tenant) != r.Position)];
        Directory.CreateDirectory(Folder);
        var lines = new StringBuilder();
        foreach (var (tenant, kind, position, hash) in reached)
        {
            var checkpoint = new Checkpoint(tenant, kind, position, Convert.ToHexStringLower(hash), clock.GetUtcNow(), "");
            lines.Append(LyceumJson.Write(checkpoint with { Signature = Convert.ToBase64String(key.Sign(checkpoint.Signed)) })).Append('\n');
        }

        // One write of whole lines at a time; small, so that waiting for the disk holds nobody up.
        lock (_writing)
        {
            using var file = new FileStream(File, new FileStreamOptions
            {
                Mode = FileMode.Append,
                Access = FileAccess.Write,
                Share = FileShare.ReadWrite,
                BufferSize = 0,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            });
            file.Write(Encoding.UTF8.GetBytes(lines.ToString()));
            file.Flush(flushToDisk: true);
            foreach (var (tenant, _, position, _) in reached)
            {
                _last[tenant] = position;
            }
        }
    }

    /// <summary>A tenant's checkpoints, oldest first, and how many of all lines are not ours: changed, or signed under another key.</summary>
    public async Task<(IReadOnlyList<Checkpoint> Good, int Bad)> Of(TenantId tenant, CancellationToken ct)
    {
        var (good, bad) = (new List<Checkpoint>(), 0);
        if (!System.IO.File.Exists(File))
        {
            return (good, 0);
        }

        await foreach (var line in System.IO.File.ReadLinesAsync(File, ct))
        {
            if (Read(line) is not { } checkpoint)
            {
                // A last line that a crash cut short proves nothing either way.
                bad += line.EndsWith('}') ? 1 : 0;
            }
            else if (checkpoint.Tenant == tenant.Value)
            {
                good.Add(checkpoint);
            }
        }

        return (good, bad);
    }

    private Checkpoint? Read(string line)
    {
        try
        {
            var checkpoint = JsonSerializer.Deserialize<Checkpoint>(line, LyceumJson.Options);
            return checkpoint is not null && key.Signed(checkpoint.Signed, Convert.FromBase64String(checkpoint.Signature)) ? checkpoint : null;
        }
        catch (Exception broken) when (broken is JsonException or FormatException or ArgumentNullException)
        {
            return null;
        }
    }
}
