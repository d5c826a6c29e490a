using Lyceum.Iam;
using Lyceum.Platform;

namespace Lyceum.Knowledge;

/// <summary>A question as it is measured.</summary>
internal sealed record Question(Guid Id, string Text, string? Answer, Guid[] Documents, string[] Quotes);

/// <summary>Reads and writes knowledge.question_sets and knowledge.questions. Who sees the collection sees its sets; who edits it edits them.</summary>
internal static class QuestionStore
{
    /// <summary>Questions a set may have.</summary>
    public const int Most = 2000;

    private const int QuoteLength = 300;

    public static Task<IReadOnlyList<QuestionSet>> List(Db db, Reader reader, Guid? collection, Page page, CancellationToken ct) => db.Many(
        $"{Sets(reader)} and s.id < {page.Before} and ({collection}::uuid is null or s.collection_id = {collection}) order by s.id desc limit {page.Limit + 1}", ReadSet, ct);

    public static Task<QuestionSet?> Find(Db db, Reader reader, Guid id, CancellationToken ct) => db.OneOrNone($"{Sets(reader)} and s.id = {id}", ReadSet, ct);

    /// <summary>Null when the reader may not edit the collection, or there is none.</summary>
    public static async Task<Guid?> Insert(Unit unit, Reader reader, CreateQuestionSet request, CancellationToken ct) => await unit.OneOrNone(
        $"""
        insert into knowledge.question_sets (id, collection_id, name, description, created_by)
        select {Guid.CreateVersion7()}, c.id, {request.Name.Trim()}, {request.Description}, {reader.UserId} from knowledge.collections c where c.id = {request.CollectionId} and {reader.May(Access.Edit)}
        returning id
        """,
        row => (Guid?)row.Get<Guid>(), ct);

    public static async Task<bool> Change(Unit unit, Reader reader, Guid id, ChangeQuestionSet change, CancellationToken ct) => await unit.Run(
        $"""
        update knowledge.question_sets s set name = coalesce({change.Name?.Trim()}, s.name), description = coalesce({change.Description}, s.description) where {Editable(unit, reader, id)}
        """,
        ct) == 1;

    /// <summary>Deletes a set; collections that ask it before they change do not any more.</summary>
    public static async Task<bool> Delete(Unit unit, Reader reader, Guid id, CancellationToken ct)
    {
        var gone = await unit.Run($"update knowledge.question_sets s set deleted_at = now() where {Editable(unit, reader, id)}", ct) == 1;
        if (gone)
        {
            await CollectionStore.Ungate(unit, id, ct);
        }

        return gone;
    }

    public static async Task<bool> MayEdit(Db db, Reader reader, Guid id, CancellationToken ct) => await db.One(
        $"select exists (select from knowledge.question_sets s where s.tenant_id = ops.tenant() and s.id = {id} and s.deleted_at is null and s.collection_id in (select c.id from knowledge.collections c where {reader.May(Access.Edit)}))",
        row => row.Get<bool>(), ct);

    public static Task<IReadOnlyList<SavedQuestion>> Questions(Db db, Reader reader, Guid set, Page page, CancellationToken ct) => db.Opened(db.Many(
        $"""
        select q.id, q.question, q.answer, q.expected_quotes, q.created_at, coalesce((
          select jsonb_agg(jsonb_build_object('id', x.id, 'name', d.title) order by x.place) from unnest(q.expected_documents) with ordinality x(id, place)
          left join knowledge.documents d on d.tenant_id = q.tenant_id and d.id = x.id and d.deleted_at is null
          where d.id is null or {reader.MaySeeDocument}), '[]')::text
        from knowledge.questions q where q.tenant_id = {db.Tenant!.Value.Value} and q.question_set_id = {set} and q.id < {page.Before} and {Seen(reader)} order by q.id desc limit {page.Limit + 1}
        """,
        row =>
        {
            var (id, question, answer, quotes, at) = (row.Get<Guid>(), row.Get<string>(), row.Get<string?>(), row.Get<string[]>(), row.Get<DateTimeOffset>());
            return new SavedQuestion(id, question, answer, row.Json<ExpectedDocument[]>(), quotes, at);
        },
        ct), (question, open) => question with { ExpectedQuotes = [.. question.ExpectedQuotes.Select(q => open(q))] }, ct);

    /// <summary>Adds questions; null when something that is expected is not there. Passages are kept as their document and first words.</summary>
    public static async Task<IReadOnlyList<Guid>?> Add(Unit unit, Reader reader, QuestionSet set, IReadOnlyList<NewQuestion> questions, CancellationToken ct)
    {
        Guid[] chunks = [.. questions.SelectMany(q => q.ExpectedChunks ?? []).Distinct()];
        Guid[] documents = [.. questions.SelectMany(q => q.ExpectedDocuments ?? []).Distinct()];
        var key = await CollectionStore.Key(unit, set.CollectionId, ct);
        var quotes = (await unit.Opened(unit.Many(
            $"""
            select k.id, k.document_id, case when {key is null} then left(k.content, {QuoteLength}) else k.content end from knowledge.chunks k join knowledge.documents d on d.tenant_id = k.tenant_id and d.id = k.document_id
            where k.tenant_id = {unit.Tenant.Value} and k.id = any ({chunks}) and k.collection_id = {set.CollectionId} and d.deleted_at is null and {reader.MaySeeDocument}
            """,
            row => (Chunk: row.Get<Guid>(), Document: row.Get<Guid>(), Text: row.Get<string>()), ct),
            (quote, open) => quote with { Text = First(open(quote.Text)) }, ct)).ToDictionary(q => q.Chunk);
        var known = await unit.One(
            $"select count(*) from knowledge.documents d where d.tenant_id = {unit.Tenant.Value} and d.id = any ({documents}) and d.collection_id = {set.CollectionId} and d.deleted_at is null and {reader.MaySeeDocument}",
            row => row.Get<long>(), ct);
        if (quotes.Count < chunks.Length || known < documents.Length || set.QuestionCount + questions.Count > Most)
        {
            return null;
        }

        var ids = new List<Guid>();
        foreach (var question in questions)
        {
            ids.Add(Guid.CreateVersion7());
            var found = (question.ExpectedChunks ?? []).Select(c => quotes[c]).ToList();
            await unit.Run(
                $"""
                insert into knowledge.questions (id, question_set_id, question, answer, expected_documents, expected_quotes)
                values ({ids[^1]}, {set.Id}, {question.Question.Trim()}, {question.Answer}, {(question.ExpectedDocuments ?? []).Concat(found.Select(f => f.Document)).Distinct().ToArray()},
                  {(question.ExpectedQuotes ?? []).Concat(found.Select(f => f.Text)).Select(q => q.Trim()).Where(q => q.Length > 0).Distinct().Select(q => key?.Seal(q) ?? q).ToArray()})
                """,
                ct);
        }

        return ids;
    }

    // As left() cuts, though by UTF-16: not inside a character of two.
    private static string First(string text) => text.Length <= QuoteLength ? text : text[..(char.IsHighSurrogate(text[QuoteLength - 1]) ? QuoteLength - 1 : QuoteLength)];

    public static async Task<bool> Remove(Unit unit, Guid set, Guid question, CancellationToken ct) =>
        await unit.Run($"delete from knowledge.questions where tenant_id = {unit.Tenant.Value} and question_set_id = {set} and id = {question}", ct) == 1;

    /// <summary>Takes the sets of a collection away with all that was measured with them.</summary>
    public static Task PurgeOf(Unit unit, Guid collection, CancellationToken ct) =>
        unit.Run($"delete from knowledge.question_sets where tenant_id = {unit.Tenant.Value} and collection_id = {collection}", ct);

    /// <summary>All of a set that the reader sees, to be measured.</summary>
    public static Task<IReadOnlyList<Question>> All(Db db, Reader reader, Guid set, CancellationToken ct) => db.Opened(db.Many(
        $"""
        select q.id, q.question, q.answer, q.expected_documents, q.expected_quotes from knowledge.questions q
        where q.tenant_id = {db.Tenant!.Value.Value} and q.question_set_id = {set} and {Seen(reader)} order by q.id limit {Most}
        """,
        row => new Question(row.Get<Guid>(), row.Get<string>(), row.Get<string?>(), row.Get<Guid[]>(), row.Get<string[]>()), ct), (question, open) => question with { Quotes = Array.ConvertAll(question.Quotes, q => open(q)) }, ct);

    /// <summary>A question about a document that the reader may not see tells of it, in its words and in its quotes.</summary>
    internal static Sql Seen(Reader reader) =>
        $"""
        not exists (select from knowledge.documents d where d.tenant_id = q.tenant_id and d.id = any (q.expected_documents) and d.access = 'restricted' and not {reader.MaySeeDocument})
        """;

    private static Sql Sets(Reader reader) =>
        $"""
        select s.id, s.collection_id, s.name, s.description, (select count(*)::int from knowledge.questions q where q.tenant_id = s.tenant_id and q.question_set_id = s.id and {Seen(reader)}), s.created_at, s.updated_at
        from knowledge.question_sets s join knowledge.collections c on c.tenant_id = s.tenant_id and c.id = s.collection_id where s.deleted_at is null and {reader.MaySee}
        """;

    private static Sql Editable(Unit unit, Reader reader, Guid id) =>
        $"s.tenant_id = {unit.Tenant.Value} and s.id = {id} and s.deleted_at is null and s.collection_id in (select c.id from knowledge.collections c where {reader.May(Access.Edit)})";

    private static QuestionSet ReadSet(Row row) => new(row.Get<Guid>(), row.Get<Guid>(), row.Get<string>(), row.Get<string?>(), row.Get<int>(), row.Get<DateTimeOffset>(), row.Get<DateTimeOffset>());
}
