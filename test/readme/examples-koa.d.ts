import type koaRouter from '@koa/router'
import type koa from 'koa'

declare global {
  const app: koa
  const router: koaRouter
}
