using System.Text.Json.Nodes;
using Ear.Functions.Http.Answers;
using Ear.Functions.Http.Requests;
using Ear.Outcomes;
using Ear.Projects;
using Microsoft.AspNetCore.Http;

namespace Ear.Functions.Http;

/// <summary>An authenticated request.</summary>
public class AtlasCall(HttpRequest request, Caller caller, MediaVersions versions, Outcome<CallTerms> terms, DoorOptions options)
{
    protected AtlasCall(AtlasCall other)
        : this(other.Request, other.Caller, other.versions, other.Terms, other.options)
    {
    }

    private readonly MediaVersions versions = versions;
    private readonly DoorOptions options = options;

    public HttpRequest Request { get; } = request;

    public Caller Caller { get; } = caller;

    /// <summary>A door gets no call whose terms cannot be met.</summary>
    public Outcome<CallTerms> Terms { get; } = terms;

    public Outcome<AnswerForm> Form => Terms.Map(t => t.Form);

    /// <summary>Ids of what this request makes: with an Idempotency-Key, the same ones when it is repeated. Asked for after the body was read.</summary>
    public IIds Ids => Terms.Value.Intent.Ids;

    /// <summary>The version that a change is meant for, by If-Match.</summary>
    public Expected Expected => Terms.Value.Expected;

    public CancellationToken Cancellation => Request.HttpContext.RequestAborted;

    /// <summary>Scheme, host and path without query, absolute: the base of links.</summary>
    public string Url => Absolute(Request.PathBase.Value + Request.Path.Value);

    /// <summary>The body as the domain wants it, or why it cannot be had.</summary>
    internal async Task<Outcome<T>> ReadAsync<T>(Func<BodyFields, T> parse)
        => (await BodyAsync()).Then(body =>
        {
            var fields = new BodyFields(body);
            return fields.Or(parse(fields));
        });

    internal async Task<Outcome<JsonObject>> BodyAsync()
    {
        if (versions.ResolveBody(Request, Terms.Value.Form.Version).Problem is { } unreadable)
            return unreadable;
        if (await JsonBody.ReadBytesAsync(Request, options.BodyLimitBytes, Cancellation) is not { } bytes)
            return new Problem.BodyTooLarge(options.BodyLimitBytes);
        return JsonBody.Parse(bytes).Then(body => Terms.Value.Intent.Refused(bytes) is { } reused ? reused : (Outcome<JsonObject>)body);
    }

    /// <summary>The version in which the body is written.</summary>
    internal Outcome<MediaVersion> BodyVersion() => versions.ResolveBody(Request, Form.Value.Version);

    internal string Absolute(string path) => options.Absolute(Request, path);

    internal IReadOnlyList<Link> Self(string? below = null) => [new Link(below is null ? Url : $"{Url}/{below}", "self")];

    /// <summary>Links of a page: itself, and its neighbours where they exist.</summary>
    internal IReadOnlyList<Link> PageLinks(Paging paging, int total, string filters = "")
    {
        var links = new List<Link> { new(Page(paging.Number), "self") };
        if (paging.Number > 1)
            links.Add(new Link(Page(paging.Number - 1), "previous"));
        if ((long)paging.Number * paging.Size < total)
            links.Add(new Link(Page(paging.Number + 1), "next"));
        return links;

        string Page(int number) => $"{Url}?includeCount={(paging.IncludeCount ? "true" : "false")}{filters}&pageNum={number}&itemsPerPage={paging.Size}";
    }
}

/// <summary>A request by somebody who may, in a project that exists.</summary>
public sealed class ProjectCall(AtlasCall call, Project project) : AtlasCall(call)
{
    public Project Project { get; } = project;
}

/// <summary>How the client wants its answer.</summary>
public sealed record AnswerForm(MediaVersion Version, bool Envelope, bool Pretty)
{
    public static Outcome<AnswerForm> Of(HttpRequest request, MediaVersions versions)
        => versions.Resolve(request).Then(version => Query.Flag(request, "envelope", false).Then(envelope
            => Query.Flag(request, "pretty", false).Map(pretty => new AnswerForm(version, envelope, pretty))));
}
