-- What a superuser does once for a database of Lyceum; everything else is done by `lyceum migrate up` as the owner.
-- Run with psql, the owner's password in the environment as LYCEUM_OWNER_PASSWORD.
-- Safe to run again.
\getenv owner_password LYCEUM_OWNER_PASSWORD
select format('create role lyceum_owner login createrole nosuperuser nobypassrls password %L', :'owner_password')
where not exists (select from pg_roles where rolname = 'lyceum_owner') \gexec
select format('alter role lyceum_owner password %L', :'owner_password') \gexec
-- Reads every tenant for a backup. Nobody is a member, so a dump is made by a superuser who sets this role.
select 'create role lyceum_backup nologin bypassrls'
where not exists (select from pg_roles where rolname = 'lyceum_backup') \gexec
select 'create database lyceum owner lyceum_owner encoding ''UTF8'' template template0'
where not exists (select from pg_database where datname = 'lyceum') \gexec
\connect lyceum
create extension if not exists vector;
create extension if not exists citext;
create extension if not exists pg_trgm;
create extension if not exists unaccent;
create extension if not exists btree_gist;
create extension if not exists pgcrypto;
