using System.Security.Cryptography;
using System.Text;

namespace Lyceum.Platform;

/// <summary>
/// Reads and writes ops.secrets. A value is encrypted under the tenant's data key before it leaves the process, bound to
/// its tenant, kind and row: copied to another row, altered by a bit or put under another tenant, it is refused.
/// </summary>
public sealed class SecretStore(MasterKey master)
{
    private const int TagBytes = 16;
    private const int NonceBytes = 12;
    private const int MaxBytes = 64 * 1024;
    private const int RotationBatch = 200;

    private sealed record Sealed(Guid Id, string Kind, byte[] Ciphertext, byte[] Nonce, string KeyId, byte[] WrappedKey);

    /// <summary>Keeps a value and returns the id to refer to it by.</summary>
    public Task<Guid> Put(Unit unit, string kind, string value, CancellationToken ct) => Put(unit, kind, value, LastFour(value), ct);

    /// <summary>Keeps a key; of one that nobody has to recognise, not even the last characters are shown.</summary>
    internal Task<Guid> PutKey(Unit unit, string kind, string value, CancellationToken ct) => Put(unit, kind, value, null, ct);

    private async Task<Guid> Put(Unit unit, string kind, string value, string? lastFour, CancellationToken ct)
    {
        var id = Guid.CreateVersion7();
        var secret = Seal(unit.Tenant, id, kind, Bytes(value), await DataKey(unit, ct));
        await unit.Run(
            $"""
            insert into ops.secrets (id, kind, ciphertext, nonce, key_id, dek_wrapped, last_four, rotated_at)
            values ({id}, {kind}, {secret.Ciphertext}, {secret.Nonce}, {secret.KeyId}, {secret.WrappedKey}, {lastFour}, now())
            """,
            ct);
        return id;
    }

    /// <summary>Puts a new value in the place of the old one. False when there is no such secret.</summary>
    public async Task<bool> Replace(Unit unit, Guid id, string value, CancellationToken ct)
    {
        var dataKey = await DataKey(unit, ct);
        var kind = await unit.OneOrNone(
            $"select kind from ops.secrets where tenant_id = {unit.Tenant.Value} and id = {id} and deleted_at is null for update", row => row.Get<string>(), ct);
        if (kind is null)
        {
            return false;
        }

        await Write(unit, Seal(unit.Tenant, id, kind, Bytes(value), dataKey), $"{LastFour(value)}", ct);
        return true;
    }

    /// <summary>The value, for the moment it is needed; null when there is no such secret. Throws <see cref="SecretUnreadable"/> when it was tampered with.</summary>
    public async Task<string?> Reveal(Db db, Guid id, CancellationToken ct)
    {
        var tenant = db.Tenant ?? throw new InvalidOperationException("Secrets belong to a tenant.");
        return Revealed(tenant, await db.OneOrNone(One(tenant, id), Read, ct));
    }

    /// <inheritdoc cref="Reveal(Db, Guid, CancellationToken)"/>
    internal async Task<string?> Reveal(Unit unit, Guid id, CancellationToken ct) => Revealed(unit.Tenant, await unit.OneOrNone(One(unit.Tenant, id), Read, ct));

    private static Sql One(TenantId tenant, Guid id) =>
        $"select id, kind, ciphertext, nonce, key_id, dek_wrapped from ops.secrets where tenant_id = {tenant.Value} and id = {id} and deleted_at is null";

    private string? Revealed(TenantId tenant, Sealed? secret)
    {
        if (secret is null)
        {
            return null;
        }

        var value = Open(tenant, secret);
        try
        {
            return Encoding.UTF8.GetString(value);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(value);
        }
    }

    /// <summary>Removes the value for good. False when there is no such secret.</summary>
    public static async Task<bool> Delete(Unit unit, Guid id, CancellationToken ct) =>
        await unit.Run($"delete from ops.secrets where tenant_id = {unit.Tenant.Value} and id = {id}", ct) > 0;

    /// <summary>
    /// Encrypts the tenant's secrets anew, with a new data key, where they are still under the previous master key.
    /// Readers are not disturbed. Returns how many it was; afterwards the previous master key is of no use.
    /// </summary>
    public async Task<int> Rotate(Db db, CancellationToken ct)
    {
        if (master.PreviousId is not { } previous)
        {
            return 0;
        }

        for (var done = 0; ;)
        {
            var count = await db.Atomically(unit => RotateSome(unit, previous, ct), ct);
            done += count;
            if (count < RotationBatch)
            {
                return done;
            }
        }
    }

    private async Task<int> RotateSome(Unit unit, string previous, CancellationToken ct)
    {
        var dataKey = await DataKey(unit, ct);
        var old = await unit.Many(
            $"""
            select id, kind, ciphertext, nonce, key_id, dek_wrapped
            from ops.secrets where tenant_id = {unit.Tenant.Value} and key_id = {previous} order by id limit {RotationBatch} for update
            """,
            Read, ct);
        foreach (var secret in old)
        {
            await Write(unit, Seal(unit.Tenant, secret.Id, secret.Kind, Open(unit.Tenant, secret), dataKey), $"last_four", ct);
        }

        return old.Count;
    }

    private static Task<int> Write(Unit unit, Sealed secret, Sql lastFour, CancellationToken ct) => unit.Run(
        $"""
        update ops.secrets set ciphertext = {secret.Ciphertext}, nonce = {secret.Nonce}, key_id = {secret.KeyId}, dek_wrapped = {secret.WrappedKey},
          last_four = {lastFour}, rotated_at = now()
        where tenant_id = {unit.Tenant.Value} and id = {secret.Id}
        """,
        ct);

    // Encrypts and zeroes the plain value.
    private Sealed Seal(TenantId tenant, Guid id, string kind, byte[] value, byte[] wrapped)
    {
        var dataKey = master.Unwrap(tenant, master.Id, wrapped);
        try
        {
            var nonce = RandomNumberGenerator.GetBytes(NonceBytes);
            var ciphertext = new byte[value.Length + TagBytes];
            using var cipher = new AesGcm(dataKey, TagBytes);
            cipher.Encrypt(nonce, value, ciphertext.AsSpan(0, value.Length), ciphertext.AsSpan(value.Length), About(tenant, kind, id));
            return new Sealed(id, kind, ciphertext, nonce, master.Id, wrapped);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(dataKey);
            CryptographicOperations.ZeroMemory(value);
        }
    }

    // The tenant's data key under today's master key, wrapped: that of any of its secrets, else a new one. The lock keeps
    // two first secrets from making two keys; it is always taken before the lock of a row.
    private async Task<byte[]> DataKey(Unit unit, CancellationToken ct)
    {
        await unit.Run($"select pg_advisory_xact_lock(hashtextextended('ops.secrets:' || ops.tenant(), 0))", ct);
        var known = await unit.OneOrNone(
            $"select dek_wrapped from ops.secrets where tenant_id = {unit.Tenant.Value} and key_id = {master.Id} order by id limit 1", row => row.Get<byte[]>(), ct);
        if (known is not null)
        {
            return known;
        }

        var dataKey = RandomNumberGenerator.GetBytes(32);
        try
        {
            return master.Wrap(unit.Tenant, dataKey);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(dataKey);
        }
    }

    private byte[] Open(TenantId tenant, Sealed secret)
    {
        byte[]? dataKey = null;
        try
        {
            dataKey = master.Unwrap(tenant, secret.KeyId, secret.WrappedKey);
            if (secret.Ciphertext.Length < TagBytes)
            {
                throw new CryptographicException("it was cut short");
            }

            var value = new byte[secret.Ciphertext.Length - TagBytes];
            using var cipher = new AesGcm(dataKey, TagBytes);
            cipher.Decrypt(secret.Nonce, secret.Ciphertext.AsSpan(0, value.Length), secret.Ciphertext.AsSpan(value.Length), value, About(tenant, secret.Kind, secret.Id));
            return value;
        }
        catch (AuthenticationTagMismatchException fault)
        {
            throw new SecretUnreadable(secret.Id, "it, or its place in the database, was changed from outside", fault);
        }
        catch (CryptographicException fault)
        {
            throw new SecretUnreadable(secret.Id, fault.Message, fault);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(dataKey);
        }
    }

    private static Sealed Read(Row row) =>
        new(row.Get<Guid>(), row.Get<string>(), row.Get<byte[]>(), row.Get<byte[]>(), row.Get<string>(), row.Get<byte[]>());

    private static byte[] About(TenantId tenant, string kind, Guid id) => Encoding.UTF8.GetBytes($"lyceum secret|{tenant}|{kind}|{id}");

    private static byte[] Bytes(string value) => Encoding.UTF8.GetByteCount(value) <= MaxBytes
        ? Encoding.UTF8.GetBytes(value)
        : throw new ProblemException(Problem.Invalid("secret_too_long", $"A secret can have up to {MaxBytes} bytes."));

    // Four characters of a short value would be much of it.
    private static string? LastFour(string value) => value.Length >= 16 ? value[^4..] : null;
}

/// <summary>A stored secret that cannot be decrypted: another master key, or bytes that were changed outside the platform.</summary>
public sealed class SecretUnreadable(Guid id, string reason, Exception? cause = null) : Exception($"Secret {id} cannot be read: {reason}.", cause);
