namespace Lyceum.Iam;

/// <summary>Where somebody's picture is shown from.</summary>
internal static class Avatar
{
    /// <summary>Pixels on a side: sharp at every size it is shown.</summary>
    public const int Side = 256;

    /// <summary>Null for none. The id in the query makes a new picture a new address.</summary>
    public static string? Address(Guid user, Guid? stored) =>
        stored is { } id ? $"/api/v1/iam/users/{user}/avatar?v={id.ToString()[^12..]}" : null;
}
