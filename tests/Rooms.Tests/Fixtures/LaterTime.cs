namespace Lyceum.Rooms.Tests;

/// <summary>The real clock, moved on.</summary>
public sealed class LaterTime(TimeSpan by) : TimeProvider
{
    public TimeSpan By { get; set; } = by;

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + By;
}
