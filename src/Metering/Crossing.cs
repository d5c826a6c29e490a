namespace Lyceum.Metering;

/// <summary>The functions of this room that cross tenants, compared with the catalogue by a test.</summary>
public static class Crossing
{
    public static IReadOnlyList<string> Functions { get; } = ["metering.set_quotas"];
}
