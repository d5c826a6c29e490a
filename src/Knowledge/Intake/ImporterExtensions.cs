using Npgsql;
using NpgsqlTypes;

namespace Lyceum.Knowledge;

internal static class ImporterExtensions
{
    /// <summary>Writes a value or null into the next column of a binary COPY.</summary>
    public static void WriteNullable<T>(this NpgsqlBinaryImporter importer, T? value, NpgsqlDbType type)
    {
        if (value is null)
        {
            importer.WriteNull();
        }
        else
        {
            importer.Write(value, type);
        }
    }
}
