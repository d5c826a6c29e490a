using System.Text;
using System.Text.Json;
using Lyceum.Knowledge.Media;
using Lyceum.Platform;

namespace Lyceum.Knowledge;

/// <summary>Writes knowledge.documents and their revisions through intake. Each change tells the watchers of the collection.</summary>
internal static class IntakeStore
{
    /// <summary>
    /// Makes a document for a stored file, with its first step as a job. Null when the collection has the same content already;
    /// <see cref="SameContent"/> then finds it.
    /// </summary>
    public static async Task<bool> Add(Unit unit, Guid collectionId, Guid? teamId, Guid userId, IncomingFile file, CancellationToken ct)
    {
        var added = await unit.Run(
            $"""
            insert into knowledge.documents (id, team_id, collection_id, title, file_name, content_type, size_bytes, content_hash, object_id, status, intake_step, uploaded_by, access, batch_id, external_id, source_url, parent_id, metadata, pipeline_id, folder_id, repository_id)
            values ({file.DocumentId}, {teamId}, {collectionId}, {file.FileName}, {file.FileName}, {file.MimeType}, {file.SizeBytes}, {file.Hash}, {file.ObjectId}, 'pending', 'read', {userId}, {file.Access}, {file.BatchId}, {file.Source.ExternalId}, {file.Source.Url}, {file.Source.ParentId}, coalesce({file.Source.Metadata}::jsonb, jsonb_build_object()), {file.PipelineId},
              {file.FolderId}, (select f.repository_id from knowledge.folders f where f.tenant_id = {unit.Tenant.Value} and f.id = {file.FolderId}))
            on conflict do nothing
            """,
            ct);
        if (added == 0)
        {
            return false;
        }

        await unit.Run(
            $"""
            insert into knowledge.document_revisions (id, document_id, revision_number, object_id, content_hash, size_bytes, created_by)
            values ({file.RevisionId}, {file.DocumentId}, 1, {file.ObjectId}, {file.Hash}, {file.SizeBytes}, {userId})
            """,
            ct);
        await (file.IsRecording ? MediaStore.Ensure(unit, file.DocumentId, file.ForcedLanguage, ct) : Task.CompletedTask);
        await Next(unit, ReadStep.JobType, file.DocumentId, file.RevisionId, ct);
        await Tell(unit, collectionId, ct);
        return true;
    }

    internal static Task<long> CountAll(Unit unit, CancellationToken ct) => unit.One(
        $"select count(*) from knowledge.documents where tenant_id = {unit.Tenant.Value} and deleted_at is null", row => row.Get<long>(), ct);

    public static Task<Guid?> SameContent(Unit unit, Guid collectionId, byte[] hash, CancellationToken ct) => unit.OneOrNone(
        $"""
        select id from knowledge.documents
        where tenant_id = {unit.Tenant.Value} and collection_id = {collectionId} and content_hash = {hash} and external_id is null and deleted_at is null and access = 'collection'
        """,
        row => (Guid?)row.Get<Guid>(), ct);

    /// <summary>The document of a sender's id, locked; whether it holds these bytes already and is in order.</summary>
    public static Task<(Guid Id, bool IsSame)?> Known(Unit unit, Guid collectionId, Guid? document, string? externalId, byte[] hash, CancellationToken ct) => unit.OneOrNone(
        $"""
        select id, content_hash is not distinct from {hash} and status <> 'failed' and archived_at is null from knowledge.documents
        where tenant_id = {unit.Tenant.Value} and collection_id = {collectionId} and deleted_at is null and (id = {document} or external_id = {externalId}) for update
        """,
        row => ((Guid, bool)?)(row.Get<Guid>(), row.Get<bool>()), ct);

    /// <summary>A new original for a document: its next revision. What is live stays so until that is indexed.</summary>
    public static async Task Revise(Unit unit, Guid document, Guid userId, IncomingFile file, CancellationToken ct)
    {
        await unit.Run(
            $"""
            insert into knowledge.document_revisions (id, document_id, revision_number, object_id, content_hash, size_bytes, created_by)
            select {file.RevisionId}, {document}, max(r.revision_number) + 1, {file.ObjectId}, {file.Hash}, {file.SizeBytes}, {userId}
            from knowledge.document_revisions r where r.tenant_id = {unit.Tenant.Value} and r.document_id = {document}
            """,
            ct);
        var collection = await unit.One(
            $"""
            update knowledge.documents set object_id = {file.ObjectId}, content_hash = {file.Hash}, size_bytes = {file.SizeBytes}, file_name = {file.FileName}, content_type = {file.MimeType},
              status = 'pending', intake_step = 'read', intake_progress = 0, error_code = null, error_message = null, archived_at = null, batch_id = coalesce({file.BatchId}, batch_id),
              source_url = coalesce({file.Source.Url}, source_url), parent_id = coalesce({file.Source.ParentId}, parent_id), metadata = coalesce({(file.Source.IsDefault ? null : file.Source.Metadata)}::jsonb, metadata),
              pipeline_id = coalesce({file.PipelineId}, pipeline_id)
            where tenant_id = {unit.Tenant.Value} and id = {document} returning collection_id
            """,
            row => row.Get<Guid>(), ct);
        await (file.IsRecording ? MediaStore.Ensure(unit, document, file.ForcedLanguage, ct) : Task.CompletedTask);
        await Next(unit, ReadStep.JobType, document, file.RevisionId, ct);
        await Tell(unit, collection, ct);
    }

    /// <summary>Makes others who change this document wait until the end.</summary>
    public static Task Hold(Unit unit, Guid document, CancellationToken ct) => unit.Run(
        $"select id from knowledge.documents where tenant_id = {unit.Tenant.Value} and id = {document} for no key update", ct);

    /// <summary>What a person says of a document.</summary>
    public static Task Change(Unit unit, Guid document, string? title, ChangeDocument change, CancellationToken ct) => unit.Run(
        $"""
        update knowledge.documents set title = coalesce({title}, title), metadata = coalesce({change.Metadata?.GetRawText()}::jsonb, metadata), language = coalesce({change.Language}, language),
          source_url = case when {change.SourceUrl.IsGiven} then {change.SourceUrl.Value} else source_url end, parent_id = case when {change.ParentId.IsGiven} then {change.ParentId.Value} else parent_id end
        where tenant_id = {unit.Tenant.Value} and id = {document}
        """,
        ct);

    /// <summary>Makes a text belong to another one of the collection, by their senders' ids, unless that would be a circle.</summary>
    public static Task Belong(Unit unit, Guid collectionId, string child, string parent, CancellationToken ct) => unit.Run(
        $"""
        update knowledge.documents d set parent_id = p.id from knowledge.documents p
        where d.tenant_id = {unit.Tenant.Value} and d.collection_id = {collectionId} and d.external_id = {child} and d.deleted_at is null and d.parent_id is distinct from p.id
          and p.tenant_id = d.tenant_id and p.collection_id = {collectionId} and p.external_id = {parent} and p.deleted_at is null
          and p.id <> d.id and p.id not in (select knowledge.documents_below(array[d.id]))
        """,
        ct);

    /// <summary>Makes a new revision begin with its file, not with the text that an earlier one had.</summary>
    public static Task ForgetText(Unit unit, Guid revision, CancellationToken ct) => unit.Run(
        $"update knowledge.document_revisions set extracted_text_object_id = null where tenant_id = {unit.Tenant.Value} and id = {revision} and object_id is not null", ct);

    /// <summary>Enqueues a step. Steps of one revision never run twice at once.</summary>
    public static Task Next(Unit unit, string jobType, Guid documentId, Guid revisionId, CancellationToken ct) => JobStore.Enqueue(
        unit, new NewJob(jobType == TranscribeStep.JobType ? TranscribeStep.Queue : "intake", jobType, RefType: "revision", RefId: revisionId, DocumentId: documentId, DedupKey: $"{jobType}:{revisionId}", MaxAttempts: 4), ct);

    /// <summary>
    /// Begins a step: says so on the documents and returns what is needed. A document that is gone, or whose revision is or was overtaken
    /// by a newer one, is left out; there is nothing to do for it then.
    /// </summary>
    public static Task<IReadOnlyList<DocumentInWork>> Begin(Db db, IReadOnlyList<RevisionInWork> revisions, string step, int attempt, CancellationToken ct) => db.Opened(db.Many(
        Sql.Prepared($"""
        with given as (select * from unnest({revisions.Select(r => r.DocumentId).ToArray()}, {revisions.Select(r => r.RevisionId).ToArray()}) g(document_id, revision_id)),
        cut as (
          update knowledge.document_revisions r set chunking_key = {ChunkingSettings.Key}
          from given g, knowledge.documents d, knowledge.collections c
          where {step} in ('split', 'embed') and r.tenant_id = {db.Tenant!.Value.Value} and r.id = g.revision_id and d.tenant_id = r.tenant_id and d.id = r.document_id
            and c.tenant_id = d.tenant_id and c.id = d.collection_id and ({step} = 'split' or r.body is not null) and r.status in ('pending', 'processing')),
        begun as (
          update knowledge.documents d set status = 'processing', intake_step = {step}, intake_progress = 0, attempts = greatest(d.attempts, {attempt}), error_code = null, error_message = null
          from given g where d.tenant_id = {db.Tenant!.Value.Value} and d.id = g.document_id and d.deleted_at is null and d.archived_at is null
            and not exists (select from knowledge.document_revisions n join knowledge.document_revisions o on o.tenant_id = n.tenant_id and o.id = g.revision_id
              where n.tenant_id = d.tenant_id and n.document_id = d.id and n.revision_number > o.revision_number)
          returning d.tenant_id, d.id, d.collection_id, d.title, d.file_name, d.language, g.revision_id),
        told as (select pg_notify('lyceum', 'documents:' || collection_id) from (select distinct collection_id from begun) b)
        select d.id, r.id, c.id, d.title, d.file_name, r.object_id, r.extracted_text_object_id, r.body, {ChunkingSettings.Columns}, c.embedding_model_id, d.language, c.content_key_secret_id
        from begun d join knowledge.document_revisions r on r.tenant_id = d.tenant_id and r.id = d.revision_id and r.status in ('pending', 'processing')
        join knowledge.collections c on c.tenant_id = d.tenant_id and c.id = d.collection_id and c.deleted_at is null
        where (select count(*) from told) >= 0
        """),
        row => new DocumentInWork(row.Get<Guid>(), row.Get<Guid>(), row.Get<Guid>(), row.Get<string>(), row.Get<string?>(), row.Get<Guid?>(), row.Get<Guid?>(), row.Get<string?>(),
            ChunkingSettings.Read(row), row.Get<Guid>(), row.Get<string?>(), row.Get<Guid?>()), ct), (document, open) => document with { Body = open(document.Body) }, ct);

    /// <summary>Keeps what reading found. A title that stands in the text is that of the document, unless the collection's texts are nobody's to read.</summary>
    public static async Task KeepText(Unit unit, DocumentInWork document, Guid textObjectId, string mimeType, string? title, string? language, int? pages, CancellationToken ct)
    {
        await unit.Run(
            $"""
            update knowledge.document_revisions set extracted_text_object_id = {textObjectId}, page_count = {pages}, status = 'processing'
            where tenant_id = {unit.Tenant.Value} and id = {document.RevisionId}
            """,
            ct);
        await unit.Run(
            $"""
            update knowledge.documents set extracted_text_object_id = {textObjectId}, content_type = {mimeType}, page_count = {pages}, language = {language}, intake_progress = 100,
              title = case when title = file_name then coalesce(nullif(trim({(document.ContentKeyId is null ? title : null)}::text), ''), title) else title end
            where tenant_id = {unit.Tenant.Value} and id = {document.DocumentId}
            """,
            ct);
        await Tell(unit, document.CollectionId, ct);
    }

    public static async Task Progress(Db db, DocumentInWork document, int percent, CancellationToken ct) => await db.Run(
        $"""
        with moved as (update knowledge.documents set intake_progress = {percent} where tenant_id = {db.Tenant!.Value.Value} and id = {document.DocumentId} and status = 'processing' returning collection_id)
        select pg_notify('lyceum', 'documents:' || collection_id) from moved
        """,
        ct);

    /// <summary>Ends an intake with a reason for people. A revision that was live before stays live.</summary>
    public static async Task Fail(Unit unit, Guid documentId, Guid? revisionId, string code, string message, CancellationToken ct)
    {
        await unit.Run(
            $"update knowledge.document_revisions set status = 'failed' where tenant_id = {unit.Tenant.Value} and id = {revisionId} and status in ('pending', 'processing')", ct);
        await PendingChunkStore.Drop(unit, revisionId, [], ct);
        await MediaStore.Drop(unit, revisionId, ct);
        var failed = await unit.OneOrNone(
            $"""
            update knowledge.documents d set status = 'failed', error_code = {code}, error_message = {message}
            from knowledge.collections c where c.tenant_id = d.tenant_id and c.id = d.collection_id and d.tenant_id = {unit.Tenant.Value} and d.id = {documentId} and d.deleted_at is null and d.status <> 'deleted'
            returning d.collection_id, case when d.access = 'collection' and c.visibility = 'company' then d.title end
            """,
            row => new { Collection = row.Get<Guid>(), PublicTitle = row.Get<string?>() }, ct);
        if (failed is not null)
        {
            await Tell(unit, failed.Collection, ct);
            await AlertStore.Note(unit, new Incident("document.failed", $"document.failed {code} {failed.Collection}", "document", documentId, failed.PublicTitle, failed.Collection, code, message), ct); // whoever hears may see less: a title only where everybody may read it
        }
    }

    /// <summary>Takes out of the documents of these collections what they are called and say; their files and chunks go with the collections' removal.</summary>
    public static async Task<IReadOnlyList<Guid>> Blank(Unit unit, Guid[] collections, CancellationToken ct)
    {
        var documents = await unit.Many(
            $"""
            update knowledge.documents set title = 'Erased', file_name = null, source_url = null, external_id = null, content_hash = null, metadata = jsonb_build_object(), error_message = null
            where tenant_id = {unit.Tenant.Value} and collection_id = any ({collections}) returning id
            """,
            row => row.Get<Guid>(), ct);
        await unit.Run($"update knowledge.document_revisions set body = null where tenant_id = {unit.Tenant.Value} and document_id = any ({documents.ToArray()})", ct);
        return documents;
    }

    /// <summary>Gives a failed document a new revision of the same bytes and starts again. False when it is not failed.</summary>
    public static async Task<bool> Retry(Unit unit, Guid documentId, CancellationToken ct)
    {
        var again = await unit.OneOrNone(
            $"""
            with failed as (
              update knowledge.documents set status = 'pending', intake_step = case when object_id is null then 'split' else 'read' end, intake_progress = 0, attempts = attempts + 1, error_code = null, error_message = null
              where tenant_id = {unit.Tenant.Value} and id = {documentId} and status = 'failed' and deleted_at is null and archived_at is null returning *)
            insert into knowledge.document_revisions (id, document_id, revision_number, object_id, content_hash, body, created_by)
            select {Guid.CreateVersion7()}, f.id, r.revision_number + 1, r.object_id, r.content_hash, r.body, {unit.Actor.UserId}
            from failed f join lateral (select revision_number, object_id, content_hash, body from knowledge.document_revisions r
              where r.tenant_id = f.tenant_id and r.document_id = f.id order by revision_number desc limit 1) r on true
            returning id, object_id, document_id
            """,
            row => new { Revision = row.Get<Guid>(), Object = row.Get<Guid?>() }, ct);
        if (again is null)
        {
            return false;
        }

        if (again.Object is null)
        {
            await TextsJob.Enqueue(unit, [(documentId, again.Revision)], ct);
        }
        else
        {
            await Next(unit, ReadStep.JobType, documentId, again.Revision, ct);
        }

        var collection = await unit.One($"select collection_id from knowledge.documents where tenant_id = {unit.Tenant.Value} and id = {documentId}", row => row.Get<Guid>(), ct);
        await Tell(unit, collection, ct);
        return true;
    }

    /// <summary>How many documents of a collection are searched as settings of the past cut them, and how many are on their way.</summary>
    public static Task<(int Outdated, int InWork)> Outdated(Unit unit, Guid collectionId, CancellationToken ct) => unit.One(
        $"""
        select count(*) filter (where d.status = 'indexed' and r.chunking_key is distinct from {ChunkingSettings.Key})::int, count(*) filter (where d.status in ('pending', 'processing'))::int
        from knowledge.documents d join knowledge.collections c on c.tenant_id = d.tenant_id and c.id = d.collection_id and c.deleted_at is null
        left join knowledge.document_revisions r on r.tenant_id = d.tenant_id and r.id = d.live_revision_id
        where d.tenant_id = {unit.Tenant.Value} and d.collection_id = {collectionId} and d.deleted_at is null and d.archived_at is null
        """,
        row => (row.Get<int>(), row.Get<int>()), ct);

    /// <summary>Gives the next of them a new revision of the same text and sets out to cut it. What is searched stays until that is live.</summary>
    public static async Task Recut(Unit unit, Guid collectionId, int most, CancellationToken ct)
    {
        var begun = await unit.Many(
            $"""
            with picked as (
              select d.id, r.object_id, r.extracted_text_object_id, r.content_hash, r.body, r.source_version, r.page_count, r.size_bytes, 1 + (
                select max(n.revision_number) from knowledge.document_revisions n where n.tenant_id = d.tenant_id and n.document_id = d.id) as number
              from knowledge.documents d join knowledge.collections c on c.tenant_id = d.tenant_id and c.id = d.collection_id
              join knowledge.document_revisions r on r.tenant_id = d.tenant_id and r.id = d.live_revision_id
              where d.tenant_id = {unit.Tenant.Value} and d.collection_id = {collectionId} and d.deleted_at is null and d.archived_at is null and d.status = 'indexed' and r.chunking_key is distinct from {ChunkingSettings.Key}
              order by d.id limit {most} for update of d skip locked),
            begun as (
              update knowledge.documents d set status = 'pending', intake_step = 'split', intake_progress = 0, attempts = 0
              from picked p where d.tenant_id = {unit.Tenant.Value} and d.id = p.id returning d.id)
            insert into knowledge.document_revisions (id, document_id, revision_number, object_id, extracted_text_object_id, content_hash, body, source_version, page_count, size_bytes, note, created_by)
            select ops.uuid7(), p.id, p.number, p.object_id, p.extracted_text_object_id, p.content_hash, p.body, p.source_version, p.page_count, p.size_bytes, 'cut anew', {unit.Actor.UserId}
            from picked p join begun b on b.id = p.id
            returning id, document_id, body is not null, extracted_text_object_id is not null
            """,
            row => (Revision: row.Get<Guid>(), Document: row.Get<Guid>(), IsText: row.Get<bool>(), IsRead: row.Get<bool>()), ct);
        await TextsJob.Enqueue(unit, begun.Where(b => b.IsText).Select(b => (b.Document, b.Revision)), ct);
        foreach (var file in begun.Where(b => !b.IsText))
        {
            await Next(unit, file.IsRead ? SplitStep.JobType : ReadStep.JobType, file.Document, file.Revision, ct);
        }

        await Tell(unit, collectionId, ct);
    }

    /// <summary>Moves all of one team to another.</summary>
    public static Task<int> Move(Unit unit, Guid from, Guid to, CancellationToken ct) => unit.Run(
        $"update knowledge.documents set team_id = {to} where tenant_id = {unit.Tenant.Value} and team_id = {from}", ct);

    /// <summary>Puts documents into a folder of their collection; null is the top. Says how many were elsewhere before.</summary>
    public static Task<int> Place(Unit unit, Guid[] documents, FolderPlace? folder, CancellationToken ct) => unit.Run(
        $"""
        update knowledge.documents set folder_id = {folder?.Id}, repository_id = {folder?.RepositoryId}
        where tenant_id = {unit.Tenant.Value} and id = any ({documents}) and deleted_at is null and folder_id is distinct from {folder?.Id}
        """,
        ct);

    /// <summary>Moves whatever still stands in these folders into another one of the same tree; null is the top.</summary>
    public static Task Place(Unit unit, Guid[] from, Guid? to, CancellationToken ct) => unit.Run(
        $"""
        update knowledge.documents set folder_id = case when deleted_at is null then {to} end, repository_id = case when deleted_at is null and {to}::uuid is not null then repository_id end
        where tenant_id = {unit.Tenant.Value} and folder_id = any ({from})
        """,
        ct);

    /// <summary>Says who may see these documents; the list itself is kept by <see cref="AccessStore"/>.</summary>
    public static Task SetAccess(Unit unit, Guid[] documents, string access, CancellationToken ct) => unit.Run(
        $"update knowledge.documents set access = {access} where tenant_id = {unit.Tenant.Value} and id = any ({documents}) and access <> {access}", ct);

    public static Task Tell(Unit unit, Guid collectionId, CancellationToken ct) => Wakeups.Send(unit, $"documents:{collectionId}", ct);

    /// <summary>Ends the live revisions of documents whose chunks are being taken out.</summary>
    public static Task Retire(Unit unit, Guid[] documentIds, CancellationToken ct) => unit.Run(
        $"""
        with retired as (
          update knowledge.document_revisions r set status = 'retired' from knowledge.documents d
          where d.tenant_id = {unit.Tenant.Value} and d.id = any ({documentIds}) and r.tenant_id = d.tenant_id and r.id = d.live_revision_id returning r.document_id)
        update knowledge.documents d set live_revision_id = null from retired where d.tenant_id = {unit.Tenant.Value} and d.id = retired.document_id
        """,
        ct);

    /// <summary>Makes the revisions of the staged chunks (table <c>stemmed</c>) the live ones; says how much that added.</summary>
    public static Task<(int Documents, int Chunks, long Tokens)> MakeLive(Unit unit, CancellationToken ct) => unit.One(
        $"""
        with fresh as (select document_id, revision_id, count(*)::int as chunks, sum(token_count)::int as tokens from stemmed group by 1, 2),
        revisions as (
          update knowledge.document_revisions r set status = 'indexed' from fresh where r.tenant_id = {unit.Tenant.Value} and r.id = fresh.revision_id returning 1),
        documents as (
          update knowledge.documents d set status = 'indexed', intake_step = null, intake_progress = 100, error_code = null, error_message = null,
            live_revision_id = f.revision_id, chunk_count = f.chunks, total_tokens = f.tokens, processed_at = now()
          from fresh f where d.tenant_id = {unit.Tenant.Value} and d.id = f.document_id returning 1)
        select (select count(*)::int from documents), (select coalesce(sum(chunks), 0)::int from fresh), (select coalesce(sum(tokens), 0)::bigint from fresh)
        """,
        row => (Documents: row.Get<int>(), Chunks: row.Get<int>(), Tokens: row.Get<long>()), ct);

    /// <summary>Marks documents as deleted and lets go of their files, whose ids it returns.</summary>
    public static Task<IReadOnlyList<Guid>> MarkDeleted(Unit unit, Guid[] documentIds, CancellationToken ct) => unit.Many(
        $"""
        with gone as (
          update knowledge.documents set status = 'deleted', deleted_at = now(), object_id = null, extracted_text_object_id = null
          where tenant_id = {unit.Tenant.Value} and id = any ({documentIds}) and deleted_at is null returning id),
        files as (
          select r.id, r.object_id, r.extracted_text_object_id from knowledge.document_revisions r join gone on r.tenant_id = {unit.Tenant.Value} and r.document_id = gone.id),
        cleared as (
          update knowledge.document_revisions r set object_id = null, extracted_text_object_id = null, body = null, status = 'retired' from files where r.tenant_id = {unit.Tenant.Value} and r.id = files.id returning 1)
        select distinct o from files, unnest(array[object_id, extracted_text_object_id]) o where o is not null and (select count(*) from cleared) >= 0
        """,
        row => row.Get<Guid>(), ct);

    /// <summary>Which of these senders' ids the collection has documents of.</summary>
    public static Task<IReadOnlyList<string>> KnownIds(Unit unit, Guid collectionId, string[] externalIds, CancellationToken ct) => unit.Many(
        $"select external_id from knowledge.documents where tenant_id = {unit.Tenant.Value} and collection_id = {collectionId} and external_id = any ({externalIds}) and deleted_at is null",
        row => row.Get<string>(), ct);

    /// <summary>What <see cref="TextIntake.Take"/> does in one statement. A text that somebody else sends at this moment may be missing from what it tells.</summary>
    public static Task<IReadOnlyList<TakenText>> TakeTexts(
        Unit unit, Guid collectionId, Guid? teamId, Guid userId, IReadOnlyList<TextItem> items, Guid? batch, PipelineInUse? pipeline, ContentKey? key, CancellationToken ct) => unit.Many(
        $"""
        with sent as (
          select * from unnest({items.Select(_ => Guid.CreateVersion7()).ToArray()}, {items.Select(_ => Guid.CreateVersion7()).ToArray()}, {items.Select(i => i.ExternalId).ToArray()},
            {items.Select(SentText.Title).ToArray()}, {items.Select(i => key?.Seal(i.Text) ?? i.Text).ToArray()}, {items.Select(SentText.Hash).ToArray()},
            {items.Select(i => i.Metadata is { ValueKind: JsonValueKind.Object } m ? m.GetRawText() : "{}").ToArray()}, {items.Select(i => (long)Encoding.UTF8.GetByteCount(i.Text)).ToArray()},
            {items.Select(i => i.SourceUrl).ToArray()}, {items.Select(i => SplitRules.LanguageOf(i.Text)).ToArray()})
            s(document_id, revision_id, external_id, title, body, hash, metadata, size, source_url, language)),
        kept as (
          insert into knowledge.documents as d (id, team_id, collection_id, external_id, title, content_type, size_bytes, content_hash, status, intake_step, metadata, uploaded_by, batch_id, source_url, language, pipeline_id, folder_id, repository_id)
          select document_id, {teamId}, {collectionId}, external_id, title, 'text/plain', size, hash, 'pending', 'split', metadata::jsonb, {userId}, {batch}, source_url, language, {pipeline?.Id}, f.id, f.repository_id
          from sent left join knowledge.folders f on f.tenant_id = {unit.Tenant.Value} and f.id = {pipeline?.FolderId}
          on conflict (tenant_id, collection_id, external_id) where deleted_at is null and external_id is not null do update set
            title = excluded.title, metadata = excluded.metadata, size_bytes = excluded.size_bytes,
            status = case when d.content_hash = excluded.content_hash and d.status <> 'failed' and d.archived_at is null then d.status else 'pending' end,
            content_hash = excluded.content_hash, batch_id = excluded.batch_id, archived_at = null,
            source_url = coalesce(excluded.source_url, d.source_url), language = excluded.language,
            pipeline_id = coalesce(excluded.pipeline_id, d.pipeline_id)
          where d.status = 'failed' or d.archived_at is not null or (d.title, d.metadata, d.content_hash, d.language, d.source_url, d.pipeline_id) is distinct from (
            excluded.title, excluded.metadata, excluded.content_hash, excluded.language, coalesce(excluded.source_url, d.source_url), coalesce(excluded.pipeline_id, d.pipeline_id))
          returning d.id, d.external_id, d.status, (select p.content_hash from knowledge.documents p where p.tenant_id = d.tenant_id and p.id = d.id) as hash_before),
        revisions as (
          insert into knowledge.document_revisions (id, document_id, revision_number, body, content_hash, size_bytes, created_by)
          select s.revision_id, k.id, coalesce((select max(r.revision_number) from knowledge.document_revisions r where r.tenant_id = {unit.Tenant.Value} and r.document_id = k.id), 0) + 1, s.body, s.hash, s.size, {userId}
          from kept k join sent s on s.external_id = k.external_id
          where k.status = 'pending' and k.hash_before is distinct from s.hash or k.status = 'pending' and not exists (
            select from knowledge.document_revisions r where r.tenant_id = {unit.Tenant.Value} and r.document_id = k.id and r.content_hash = s.hash and r.status in ('pending', 'processing'))
          returning id, document_id)
        select k.external_id, k.id, r.id from kept k left join revisions r on r.document_id = k.id
        union all
        select d.external_id, d.id, null from knowledge.documents d join sent s on s.external_id = d.external_id
        where d.tenant_id = {unit.Tenant.Value} and d.collection_id = {collectionId} and d.deleted_at is null and not exists (select from kept k where k.external_id = s.external_id)
        """,
        row => new TakenText(row.Get<string>(), row.Get<Guid>(), row.Get<Guid?>()), ct);
}
