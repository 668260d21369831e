#!/usr/bin/perl
# accepts.pl -- what a JSON Schema of kmsgc says of values, so that the tests need no other checker.
#
#   accepts.pl SCHEMA.json                 are all its references good, and all its keywords known?
#   accepts.pl SCHEMA.json DEF yes FILE    is each line of FILE a value of $defs/DEF?
#   accepts.pl SCHEMA.json DEF no FILE     ... is none?
#
# It knows the keywords that kmsgc writes, and dies of any other. Lines that answer otherwise are
# printed, and the exit status is 1.

use strict;
use warnings;
use B;
use JSON::PP;

my %silent = map { $_ => 1 } qw($schema $id $comment $defs description default format
    contentEncoding);
my $root;

sub kind_of {
    my ($value) = @_;
    return 'null'    if !defined $value;
    return 'boolean' if JSON::PP::is_bool($value);
    return 'object'  if ref $value eq 'HASH';
    return 'array'   if ref $value eq 'ARRAY';
    my $flags = B::svref_2object(\$value)->FLAGS;
    return 'string' if $flags & B::SVf_POK;
    return $value == int $value ? 'integer' : 'number';
}

my %keyword;

sub accepts {
    my ($schema, $value) = @_;
    return $schema ? 1 : 0 if JSON::PP::is_bool($schema);
    for my $word (sort keys %$schema) {
        next if $silent{$word};
        die "unknown keyword $word\n" if !$keyword{$word};
        return 0 if !$keyword{$word}->($schema->{$word}, $value, $schema);
    }
    return 1;
}

sub looked_up {
    my ($reference) = @_;
    my ($name) = $reference =~ m{^\#/\$defs/(.+)$} or die "bad reference $reference\n";
    return $root->{'$defs'}{$name} // die "reference to nothing: $reference\n";
}

sub same_text { return JSON::PP->new->canonical->allow_nonref->encode($_[0]) }

# $limit->(count) for arrays, objects, strings, numbers: others are not concerned.
sub only {
    my ($what, $judge) = @_;
    return sub {
        my ($wanted, $value, $schema) = @_;
        my $kind = kind_of($value);
        $kind = 'number' if $kind eq 'integer';
        return $kind ne $what || $judge->($wanted, $value, $schema);
    };
}

sub is_extra {
    my ($name, $schema) = @_;
    return 0 if exists $schema->{properties} && exists $schema->{properties}{$name};
    return !grep { $name =~ /$_/ } keys %{ $schema->{patternProperties} // {} };
}

sub all_of { return !grep { !$_ } @_ }

sub each_member {
    my ($schemas, $value) = @_;
    return all_of(map { !exists $value->{$_} || accepts($schemas->{$_}, $value->{$_}) }
            keys %$schemas);
}

%keyword = (
    '$ref' => sub { accepts(looked_up($_[0]), $_[1]) },
    type   => sub {
        my ($wanted, $value) = @_;
        my $kind = kind_of($value);
        return $kind eq $wanted || ($wanted eq 'number' && $kind eq 'integer');
    },
    enum  => sub { my $text = same_text($_[1]); scalar grep { same_text($_) eq $text } @{ $_[0] } },
    anyOf => sub { my $value = $_[1]; scalar grep { accepts($_, $value) } @{ $_[0] } },
    oneOf => sub { my $value = $_[1]; 1 == grep { accepts($_, $value) } @{ $_[0] } },
    not   => sub { !accepts($_[0], $_[1]) },
    minimum       => only('number', sub { $_[1] >= $_[0] }),
    maximum       => only('number', sub { $_[1] <= $_[0] }),
    minLength     => only('string', sub { length $_[1] >= $_[0] }),
    maxLength     => only('string', sub { length $_[1] <= $_[0] }),
    pattern       => only('string', sub { $_[1] =~ /$_[0]/ }),
    minItems      => only('array',  sub { @{ $_[1] } >= $_[0] }),
    maxItems      => only('array',  sub { @{ $_[1] } <= $_[0] }),
    minProperties => only('object', sub { keys %{ $_[1] } >= $_[0] }),
    maxProperties => only('object', sub { keys %{ $_[1] } <= $_[0] }),
    uniqueItems   => only('array',
        sub { my %seen; !grep { $seen{ same_text($_) }++ } @{ $_[1] } }),
    items => only('array', sub { my $schema = $_[0]; all_of(map { accepts($schema, $_) } @{ $_[1] }) }),
    prefixItems => only('array',
        sub {
            my ($schemas, $value) = @_;
            all_of(map { $_ > $#$value || accepts($schemas->[$_], $value->[$_]) } 0 .. $#$schemas);
        }),
    required   => only('object', sub { my $value = $_[1]; !grep { !exists $value->{$_} } @{ $_[0] } }),
    properties => only('object', \&each_member),
    propertyNames => only('object',
        sub { my $schema = $_[0]; all_of(map { accepts($schema, "$_") } keys %{ $_[1] }) }),
    patternProperties => only('object',
        sub {
            my ($schemas, $value) = @_;
            for my $name (keys %$value) {
                return 0 if grep { $name =~ /$_/ && !accepts($schemas->{$_}, $value->{$name}) }
                    keys %$schemas;
            }
            return 1;
        }),
    additionalProperties => only('object',
        sub {
            my ($schema, $value, $whole) = @_;
            all_of(map { !is_extra($_, $whole) || accepts($schema, $value->{$_}) } keys %$value);
        }),
);

# Every schema within a schema, by what stands where in a keyword's value.
sub check {
    my ($schema) = @_;
    return if JSON::PP::is_bool($schema);
    for my $word (keys %$schema) {
        my $inner = $schema->{$word};
        die "unknown keyword $word\n" if !$silent{$word} && !$keyword{$word};
        looked_up($inner) if $word eq '$ref';
        check($_) for $word =~ /^(?:anyOf|oneOf|prefixItems)$/ ? @$inner : ();
        check($_) for $word =~ /^(?:properties|patternProperties|\$defs)$/ ? values %$inner : ();
        check($inner) if $word =~ /^(?:items|not|propertyNames|additionalProperties)$/;
        'x' =~ /$inner/ if $word eq 'pattern';
    }
}

sub lines_of {
    my ($path) = @_;
    open my $in, '<', $path or die "$path: $!\n";
    my @lines = <$in>;
    return @lines;
}

my ($schema, $def, $wanted, $file) = @ARGV;
my $json = JSON::PP->new->utf8->allow_nonref;
$root = $json->decode(join '', lines_of($schema));
if (!defined $def) {
    check($root);
    exit 0;
}
my @lines = lines_of($file);
die "$file: no lines\n" if !@lines;
my $wrong = 0;
for my $line (@lines) {
    my $is = accepts({ '$ref' => "#/\$defs/$def" }, $json->decode($line)) ? 'yes' : 'no';
    next if $is eq $wanted;
    print "$def: $is: $line";
    $wrong = 1;
}
exit $wrong;
