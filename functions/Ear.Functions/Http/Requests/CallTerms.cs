using Ear.Functions.Http.Answers;

namespace Ear.Functions.Http.Requests;

/// <summary>What the headers and the query of any request say beside what it is about.</summary>
public sealed record CallTerms(AnswerForm Form, Expected Expected, Intent Intent);
