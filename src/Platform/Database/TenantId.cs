namespace Lyceum.Platform;

/// <summary>Identifies a tenant. A distinct type, so it cannot be swapped with another id.</summary>
public readonly record struct TenantId(Guid Value)
{
    /// <summary>
    /// The reserved tenant that owns the rows shared by all tenants (catalogues, shipped roles, built-in models).
    /// Everybody reads its shared rows; only platform administration and migrations act as this tenant.
    /// </summary>
    public static readonly TenantId Platform = new(new Guid("00000000-0000-7000-8000-000000000001"));

    public override string ToString() => Value.ToString();
}
